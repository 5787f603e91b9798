import type { Actor } from '@tenantry/access';
import type { Issuer } from '../issuer.js';
import { SecondPersonRequired } from '../issuers.errors.js';

/** One person, as a tenant's member and as the platform's admin too. */
export function whoIs({ personId, id }: Actor): string {
  return personId ?? id;
}

/**
 * Throws `SecondPersonRequired` where a service account would make a guest's registration what it
 * is, or approve it: nobody knows who holds its secret, which may be the other one of the two.
 */
export function assertSomebody({ kind }: Actor): void {
  if (kind === 'service') throw new SecondPersonRequired();
}

/** Throws `SecondPersonRequired` where whoever made the registration what it is approves it. */
export function assertSecondPerson(actor: Actor, { registeredBy }: Issuer): void {
  assertSomebody(actor);
  if (registeredBy === null || registeredBy === whoIs(actor)) throw new SecondPersonRequired();
}
