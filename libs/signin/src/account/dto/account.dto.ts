import type { PersonMembership } from '@tenantry/access';
import { OwnMembershipDto } from '../../login/dto/signed-in.dto.js';
import type { Person } from '../../people/person.js';

/** Whether an account has a second factor, and what is left to get in without it. */
export class SecondFactorStateDto {
  /**
   * Whether signing in takes a code.
   * @example true
   */
  readonly enabled: boolean;

  /**
   * How many recovery codes were not used yet.
   * @example 10
   */
  readonly recoveryCodesLeft: number;

  constructor({ totpConfirmedAt, recoveryCodes }: Person) {
    this.enabled = totpConfirmedAt !== null;
    this.recoveryCodesLeft = recoveryCodes.length;
  }
}

/** The caller's own account. */
export class AccountDto {
  /**
   * The address to sign in with.
   * @example ada@acme.example
   */
  readonly email: string;

  /**
   * Name for people.
   * @example Ada Lovelace
   */
  readonly displayName: string | null;

  /** The second factor. */
  readonly secondFactor: SecondFactorStateDto;

  /** Every tenant that this person may sign in to. */
  readonly tenants: OwnMembershipDto[];

  /**
   * What a browser sends as `X-CSRF-Token`; only where a cookie holds the session.
   * @example 3q2-7wAAyVQ1m8Yl0eXQbq0v4yV0l3pYJm9yqf0aBcD
   */
  readonly csrfToken?: string;

  constructor(
    person: Person,
    memberships: readonly PersonMembership[],
    csrfToken: string | undefined,
  ) {
    this.email = person.email;
    this.displayName = person.displayName;
    this.secondFactor = new SecondFactorStateDto(person);
    this.tenants = memberships.map((membership) => new OwnMembershipDto(membership));
    if (csrfToken !== undefined) this.csrfToken = csrfToken;
  }
}
