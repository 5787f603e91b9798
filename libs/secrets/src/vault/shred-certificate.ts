import { createHash } from 'node:crypto';

import type { AttestedClaims } from '@tenantry/access';
import type { ShreddableKey } from './shredding.repository.js';

/** What the certificate is to be taken for: by its type it is no token, and no other statement. */
export const SHRED_CERTIFICATE = 'shred-certificate+jwt';

/** A key that was destroyed, and whether it was seen to open its canary before. */
export interface ShreddedKey {
  readonly key: ShreddableKey;
  readonly openedBefore: boolean;
}

/** What was destroyed, when, and by whom. */
export interface Shred {
  readonly id: string;
  readonly tenant: { readonly id: string; readonly slug: string };
  readonly at: Date;
  readonly by: string;
  readonly reason: string | null;
  readonly keys: readonly ShreddedKey[];
  readonly valuesDestroyed: number;
}

/** What the certificate states. Whoever kept a canary can tell by its digest that it was this one. */
export function claimsOf({ id, tenant, at, by, reason, ...rest }: Shred): AttestedClaims {
  return {
    sub: tenant.id,
    slug: tenant.slug,
    jti: id,
    iat: Math.floor(at.getTime() / 1_000),
    shreddedBy: by,
    ...(reason === null ? {} : { reason }),
    keys: rest.keys.map(({ key, openedBefore }) => ({
      id: key.id,
      kekId: key.kekId,
      createdAt: key.createdAt.toISOString(),
      canarySha256: createHash('sha256').update(key.canary).digest('hex'),
      openedBefore,
      opensAfter: false,
    })),
    valuesDestroyed: rest.valuesDestroyed,
  };
}
