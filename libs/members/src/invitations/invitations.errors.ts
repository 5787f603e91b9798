import { DomainError } from '@tenantry/kernel';

/** One wording for unknown, used, expired and withdrawn ones, and of suspended tenants: a guesser learns nothing. */
export class InvitationInvalid extends DomainError {
  readonly code = 'invitations.invalid';
  readonly kind = 'unauthenticated';

  constructor() {
    super('This invitation is not valid, or not any more. Ask for another one.');
  }
}

export class InvitationNotFound extends DomainError {
  readonly code = 'invitations.not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This tenant has no open invitation with that id.');
  }
}

export class InvitationExists extends DomainError {
  readonly code = 'invitations.exists';
  readonly kind = 'conflict';

  constructor() {
    super('This address has been invited already: resend that invitation, or withdraw it first.');
  }
}

export class InvitationLimitReached extends DomainError {
  readonly code = 'invitations.limit_reached';
  readonly kind = 'conflict';

  constructor() {
    super('This tenant has as many open invitations as it may have: withdraw one first.');
  }
}

export class PersonIsMember extends DomainError {
  readonly code = 'members.exists';
  readonly kind = 'conflict';

  constructor() {
    super('Somebody with this address is a member of this tenant already.');
  }
}
