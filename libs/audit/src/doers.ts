import type { Actor, RequestOrigin } from '@tenantry/access';
import type { Doer } from './deed.js';

/** Who is known well enough for the record, where no guard has admitted anybody. */
export type KnownActor = Pick<Actor, 'kind' | 'id' | 'issuer' | 'subject'> & Partial<Actor>;

/** Somebody who acts on a public route: known by what they have shown there. */
export function doerOf(known: KnownActor, origin: RequestOrigin): Doer {
  return { actor: actorOf(known), origin };
}

/** An actor who may do nothing, and whose name is on record. */
export function actorOf(known: KnownActor): Actor {
  return {
    email: null,
    name: null,
    keyId: null,
    sessionId: null,
    personId: null,
    by: 'token',
    hasSecondFactor: false,
    isPlatform: false,
    isEngine: false,
    roles: [],
    permissions: new Set<string>(),
    grants: [],
    ...known,
  };
}
