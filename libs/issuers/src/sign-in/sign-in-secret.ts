import type { Sealer } from '@tenantry/crypto';
import type { Issuer } from '../issuer.js';

type Whose = Pick<Issuer, 'tenantId' | 'id'>;

/** The secret of a client, as it is kept; null for a public client. */
export function sealSecret(
  sealer: Sealer,
  whose: Whose,
  secret: string | null,
): Uint8Array<ArrayBuffer> | null {
  // A copy: what the sealer answers may lie in memory that is shared.
  return secret === null
    ? null
    : new Uint8Array(sealer.seal(Buffer.from(secret, 'utf8'), contextOf(whose)));
}

/** The secret of a client in clear, for the one request that shows it to the provider. */
export function openSecret(sealer: Sealer, issuer: Issuer): string | null {
  const { signInClientSecret: sealed } = issuer;
  return sealed && sealer.open(sealed, contextOf(issuer)).toString('utf8');
}

function contextOf({ tenantId, id }: Whose): string {
  return `issuer-sign-in:${tenantId}:${id}`;
}
