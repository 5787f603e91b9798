import { DomainError } from '@tenantry/kernel';

/** Only people have an account here: a machine, or somebody whom an issuer vouches for, has none. */
export class AccountNone extends DomainError {
  readonly code = 'account.none';
  readonly kind = 'forbidden';

  constructor() {
    super('This is for people who signed in with an account of their own.');
  }
}

export class SecondFactorPresent extends DomainError {
  readonly code = 'account.second_factor_present';
  readonly kind = 'conflict';

  constructor() {
    super('This account has a second factor: remove it before you set up another one.');
  }
}

export class SecondFactorMissing extends DomainError {
  readonly code = 'account.second_factor_missing';
  readonly kind = 'conflict';

  constructor() {
    super('This account has no second factor that this could be done to: set one up first.');
  }
}

export class SessionNotFound extends DomainError {
  readonly code = 'account.session_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('You have no session with that id.');
  }
}
