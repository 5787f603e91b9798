import type { TenantTransaction } from '@tenantry/database';
import type { Registration } from '../issuer.js';
import { RegistrationInvalid, SponsorUnknown } from '../issuers.errors.js';

const DAY_MS = 86_400_000;
const DAYS_MAX = 30;

type Fault = readonly [pointer: string, message: string];

/** Throws `RegistrationInvalid` where a guest would get more, or stay longer, than a guest may. */
export function assertGuest(registration: Registration, now: Date): void {
  const fault = registration.guest && faultOf(registration, registration.guest.subject, now);
  if (!fault) return;
  const [pointer, message] = fault;
  throw new RegistrationInvalid('issuers.guest_invalid', { pointer, message });
}

/** An ordinary registration never becomes a guest's, nor the other way round: they claim differently. */
export function assertSameKind(before: Registration, after: Registration): void {
  if ((before.guest === null) === (after.guest === null)) return;
  throw new RegistrationInvalid('issuers.guest_invalid', {
    pointer: '/guest',
    message: 'is given, or not, for good: register the issuer anew',
  });
}

/** Throws `SponsorUnknown` where nobody of the tenant answers for the guest. */
export async function assertSponsored(
  { query, tenantId }: TenantTransaction,
  { guest }: Registration,
): Promise<void> {
  if (!guest) return;
  const found = await query(
    `select 1 as found from members
     where tenant_id = $1::uuid and id = $2::uuid and status = 'active'`,
    [tenantId, guest.sponsor],
  );
  if (found.length === 0) throw new SponsorUnknown();
}

function faultOf(
  { admission, roles, roleMapping, notAfter }: Registration,
  subject: string,
  now: Date,
): Fault | null {
  if (/^\*+$/.test(subject)) {
    // The provider is somebody else's, and so is the choice of who has an account there.
    return ['/guest/subject', 'would invite everybody at the provider: name a part of the subject'];
  }
  if (admission !== 'anyone') return ['/admission', 'is anyone, of those whom subject names'];
  if (roles.length === 0) return ['/roles', 'must say what a guest may do with the resource'];
  if (roleMapping.length > 0) {
    return ['/roleMapping', 'is not for guests: their groups are named by somebody else'];
  }
  const isSoon = notAfter && notAfter.getTime() - now.getTime() <= DAYS_MAX * DAY_MS;
  return isSoon ? null : ['/notAfter', `must be at most ${DAYS_MAX} days ahead`];
}
