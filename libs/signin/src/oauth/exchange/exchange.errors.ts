import type { Caller } from '@tenantry/access';
import type { OAuthError } from '@tenantry/http';
import { DomainError } from '@tenantry/kernel';

/** A good subject token that gets nothing. `code` is for the trail; OAuth has a word of its own. */
export abstract class ExchangeRefused extends DomainError {
  abstract readonly error: OAuthError;
  readonly kind = 'forbidden';

  constructor(
    message: string,
    readonly caller: Caller,
  ) {
    super(message);
  }
}

/** One wording whether the tenant is unknown, suspended, or somebody else's. */
export class TargetRefused extends ExchangeRefused {
  readonly code = 'oauth.invalid_target';
  readonly error = 'invalid_target';

  constructor(caller: Caller) {
    super('The subject token opens no such tenant.', caller);
  }
}

/** A session of somebody external, or a machine: they are at home in one tenant alone. */
export class NotSwitchable extends ExchangeRefused {
  readonly code = 'oauth.not_switchable';
  readonly error = 'invalid_grant';

  constructor(caller: Caller) {
    super('Only people with an account of their own go from tenant to tenant.', caller);
  }
}

/** Said only to members of the tenant that asks for it. */
export class SwitchNeedsSecondFactor extends ExchangeRefused {
  readonly code = 'oauth.second_factor_required';
  readonly error = 'invalid_grant';

  constructor(caller: Caller) {
    super('That tenant requires a second factor: sign in with it.', caller);
  }
}
