import type { Actor } from '@tenantry/access';
import type { Issuer } from '../issuer.js';
import { SecondPersonRequired } from '../issuers.errors.js';

/** One person, as a tenant's member and as the platform's admin too. */
export function whoIs({ personId, id }: Actor): string {
  return personId ?? id;
}

/**
 * Throws `SecondPersonRequired` where whoever made the registration what it is approves it, or a
 * service account of the tenant: whoever may register guests may make one of those as well.
 */
export function assertSecondPerson(actor: Actor, { registeredBy }: Issuer): void {
  const isMachine = actor.kind === 'service' && !actor.isPlatform;
  if (isMachine || registeredBy === null || registeredBy === whoIs(actor)) {
    throw new SecondPersonRequired();
  }
}
