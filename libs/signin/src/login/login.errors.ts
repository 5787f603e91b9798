import { DomainError } from '@tenantry/kernel';

/** One wording whatever is wrong: whether an account exists is told to nobody. */
export class SigninRefused extends DomainError {
  readonly code = 'signin.refused';
  readonly kind = 'unauthenticated';

  constructor() {
    super('The e-mail address, the password or the code is not right.');
  }
}

/** Said only once the password is right. */
export class SecondFactorNeeded extends DomainError {
  readonly code = 'signin.second_factor_needed';
  readonly kind = 'unauthenticated';

  constructor() {
    super('This account has a second factor: send its code, or a recovery code, as code.');
  }
}

/** The tenant that was named lets nobody in by a password alone. */
export class SecondFactorSetupNeeded extends DomainError {
  readonly code = 'signin.second_factor_setup_needed';
  readonly kind = 'forbidden';

  constructor() {
    super(
      'This tenant requires a second factor: sign in with "tenant": null, set one up, and sign in anew.',
    );
  }
}

/** One wording whether the token never was, was used, or is too old. */
export class ResetInvalid extends DomainError {
  readonly code = 'signin.reset_invalid';
  readonly kind = 'unauthenticated';

  constructor() {
    super('This link is not good any more: ask for another one.');
  }
}
