import { PageDtoOf } from '@tenantry/http';
import type { Issuer } from '../issuer.js';
import { GuestDto } from './guest.dto.js';
import { instanceOf, IssuerFieldsDto } from './issuer-fields.dto.js';
import { SignInDto } from './sign-in.dto.js';

/** A token issuer that the tenant trusts. */
export class IssuerDto extends IssuerFieldsDto {
  /** Whose people are guests of the tenant; null for a provider of its own. */
  readonly guest: GuestDto | null;

  /** How people sign in by a browser; null where that is not set up. */
  readonly signIn: SignInDto | null;

  constructor(issuer: Issuer, publicUrl: string) {
    super(issuer);
    const { guest, signInClientId } = issuer;
    this.guest = guest && instanceOf(GuestDto, guest);
    this.signIn = signInClientId === null ? null : new SignInDto(signInClientId, issuer, publicUrl);
  }
}

/** A token issuer that the platform trusts, for tokens that name their tenant. */
export class PlatformIssuerDto extends IssuerFieldsDto {
  /**
   * The claim whose value is the id or the slug of the tenant.
   * @example organization
   */
  readonly tenantClaim: string;

  constructor(issuer: Issuer) {
    super(issuer);
    this.tenantClaim = issuer.tenantClaim ?? '';
  }
}

/** One page of issuers, oldest first. */
export class IssuersPageDto extends PageDtoOf(IssuerDto) {}

/** One page of the platform's issuers, oldest first. */
export class PlatformIssuersPageDto extends PageDtoOf(PlatformIssuerDto) {}
