import { DomainError, type FieldError } from '@tenantry/kernel';

/** Says what to do instead, and never repeats the password. */
export class PasswordRefused extends DomainError {
  readonly code = 'signin.password_refused';
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[];

  constructor(pointer: string, advice: string) {
    super('Choose another password: errors says why.');
    this.errors = [{ pointer, message: advice }];
  }
}

/** More people want to sign in at this moment than this node can hash passwords for. */
export class SigninBusy extends DomainError {
  readonly code = 'signin.busy';
  readonly kind = 'unavailable';
  override readonly retryAfterSeconds = 2;

  constructor() {
    super('Too many people are signing in at this moment. Try again shortly.');
  }
}
