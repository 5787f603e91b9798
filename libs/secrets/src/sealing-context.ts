/** Where a sealed value belongs: in no other place does it open. */
export interface ValuePlace {
  readonly tenantId: string;
  readonly secretId: string;
  readonly name: string;
  readonly version: number;
  readonly encoding: string;
}

/**
 * The associated data of one value. The key's id stands in the header of the sealed value, and is
 * bound along with it. The secret's own id is part of it, so that a value of a deleted secret does
 * not open in one that came after it under the same name.
 */
export function contextOf({ tenantId, secretId, name, version, encoding }: ValuePlace): string {
  // As one JSON array, so that no two places are written alike.
  return JSON.stringify(['tenantry.secret.v1', tenantId, secretId, name, version, encoding]);
}

/** The associated data of a data key's canary. */
export function canaryContextOf(tenantId: string, keyId: string): string {
  return JSON.stringify(['tenantry.canary.v1', tenantId, keyId]);
}

/** What the wrapped form of a data key is bound to, in a key service as its encryption context. */
export function wrapContextOf(tenantId: string, keyId: string): Readonly<Record<string, string>> {
  return { purpose: 'tenantry-data-key', tenant: tenantId, key: keyId };
}
