import { DomainError, type FieldError } from '@tenantry/kernel';

export class MemberNotFound extends DomainError {
  readonly code = 'members.not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This tenant has no member with that id.');
  }
}

export class MemberExists extends DomainError {
  readonly code = 'members.exists';
  readonly kind = 'conflict';

  constructor(options?: ErrorOptions) {
    super('This subject of this issuer is a member already.', options);
  }
}

export class LastAdmin extends DomainError {
  readonly code = 'members.last_admin';
  readonly kind = 'conflict';

  constructor() {
    super('A tenant keeps at least one active tenant admin: appoint another one first.');
  }
}

/** Nothing to suspend, and nobody to let in again. */
export class MemberInvited extends DomainError {
  readonly code = 'members.invited';
  readonly kind = 'conflict';

  constructor() {
    super('This member has not accepted the invitation yet. Remove the member to withdraw it.');
  }
}

export class MemberIssuerUnknown extends DomainError {
  readonly code = 'members.issuer_unknown';
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[] = [
    { pointer: '/issuerId', message: 'is no issuer of this tenant' },
  ];

  constructor(options?: ErrorOptions) {
    super('The member cannot be added like this: errors says why.', options);
  }
}
