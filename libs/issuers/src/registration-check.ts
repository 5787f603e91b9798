import { Injectable } from '@nestjs/common';

import { isClaimName } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { Clock } from '@tenantry/kernel';
import { Outbound } from '@tenantry/outbound';
import { Condition, ConditionInvalid } from './condition/condition.js';
import { assertGuest } from './guests/guest-check.js';
import { type Registration, urlsOf } from './issuer.js';
import { RegistrationInvalid } from './issuers.errors.js';
import { KeySetUnusable, parseKeySet } from './keys/key-set.js';
import { sharedIssuer } from './shared-issuers.js';

/** Percent-encodings of what needs none (RFC 3986 §2.3): two spellings of one URL. */
const NEEDLESS_ENCODING = /%(?:2d|2e|5f|7e|3\d|[46][1-9a-f]|[57][0-9a])/i;

/** Whether a registration can be trusted at all, before anything is fetched or saved. */
@Injectable()
export class RegistrationCheck {
  constructor(
    private readonly outbound: Outbound,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** Throws `RegistrationInvalid`, naming the field. */
  async assertTrustworthy(registration: Registration): Promise<void> {
    this.#assertUrls(registration);
    assertMatch(registration);
    assertClaimNames(registration);
    assertCondition(registration);
    assertAdmission(registration);
    assertGuest(registration, this.clock.now());
    await this.#assertKeys(registration);
  }

  #assertUrls(registration: Registration): void {
    const { issuer, issuerAliases, keySource } = registration;
    this.#assertIssuerUrl(issuer, '/issuer');
    // Whoever brings the keys along has no host that we would fetch from.
    const isFetched = keySource.kind !== 'inline' || !issuer.startsWith('https:');
    if (isFetched) this.#assertFetchable(issuer, '/issuer');
    assertCanonical(issuer, '/issuer');
    issuerAliases.forEach((alias, index) => {
      this.#assertIssuerUrl(alias, `/issuerAliases/${index}`);
      assertCanonical(alias, `/issuerAliases/${index}`);
    });
    const repeated = issuerAliases.indexOf(registration.issuer);
    if (repeated === -1) return;
    throw new RegistrationInvalid('issuers.issuer_invalid', {
      pointer: `/issuerAliases/${repeated}`,
      message: 'is the issuer itself',
    });
  }

  #assertIssuerUrl(issuer: string, pointer: string): void {
    const url = URL.parse(issuer);
    if (!url || /[?#]/.test(issuer) || url.username !== '' || url.password !== '') {
      throw new RegistrationInvalid('issuers.issuer_invalid', {
        pointer,
        message: 'must be a URL without query, fragment or credentials',
      });
    }
    if (issuer.replace(/\/$/, '') === this.config.publicUrl) {
      throw new RegistrationInvalid('issuers.issuer_reserved', {
        pointer,
        message: 'is the issuer of this service itself',
      });
    }
  }

  #assertFetchable(url: string, pointer: string): void {
    const failure = this.outbound.explainUrl(url);
    if (failure) {
      throw new RegistrationInvalid('issuers.url_forbidden', { pointer, message: failure.message });
    }
  }

  async #assertKeys({ keySource }: Registration): Promise<void> {
    if (keySource.kind === 'jwksUri') this.#assertFetchable(keySource.jwksUri, '/keys/jwksUri');
    if (keySource.kind !== 'inline') return;
    try {
      await parseKeySet(keySource.jwks);
    } catch (error) {
      if (!(error instanceof KeySetUnusable)) throw error;
      throw new RegistrationInvalid('issuers.keys_invalid', {
        pointer: '/keys/jwks',
        message: error.message,
      });
    }
  }
}

/** Throws `RegistrationInvalid` where one of the URLs is among `reserved`, which are the platform's. */
export function assertNotReserved(
  { issuerAliases }: Registration,
  [reserved]: readonly string[],
): void {
  if (reserved === undefined) return;
  const alias = issuerAliases.indexOf(reserved);
  throw new RegistrationInvalid('issuers.issuer_reserved', {
    pointer: alias === -1 ? '/issuer' : `/issuerAliases/${alias}`,
    message: 'is an issuer of the platform itself',
  });
}

/** One URL has one spelling, or two tenants could each believe to have it. */
function assertCanonical(issuer: string, pointer: string): void {
  const { href, pathname } = new URL(issuer);
  const isCanonical = href === issuer || href === `${issuer}/`;
  if (isCanonical && !NEEDLESS_ENCODING.test(pathname)) return;
  throw new RegistrationInvalid('issuers.issuer_invalid', {
    pointer,
    message: `must be in its normal form, like ${href.replace(/\/$/, '')}`,
  });
}

function assertMatch({ issuer, issuerAliases, match }: Registration): void {
  const isShared = urlsOf({ issuer, issuerAliases }).some((url) => sharedIssuer(url) !== null);
  if (match ?? !isShared) return;
  throw new RegistrationInvalid('issuers.match_required', {
    pointer: '/match',
    message: 'is required for this issuer, which many organizations share',
  });
}

function assertClaimNames({ claims, tenantClaim }: Registration): void {
  const named = Object.entries({ ...claims }).map(([field, name]) => [`/claims/${field}`, name]);
  const all = tenantClaim === null ? named : [...named, ['/tenantClaim', tenantClaim]];
  const wrong = all.find(([, name = '']) => !isClaimName(name));
  if (!wrong) return;
  throw new RegistrationInvalid('issuers.claim_name_invalid', {
    pointer: wrong[0] ?? '',
    message: 'begins with a slash, and is no JSON pointer of at most 8 steps (RFC 6901)',
  });
}

function assertCondition({ condition }: Registration): void {
  if (condition === null) return;
  try {
    Condition.compile(condition);
  } catch (error) {
    if (!(error instanceof ConditionInvalid)) throw error;
    throw new RegistrationInvalid('issuers.condition_invalid', {
      pointer: '/condition',
      message: error.message,
    });
  }
}

/** Whom nobody has added is never let in as an admin. */
function assertAdmission({ admission, roles, roleMapping, tenantClaim }: Registration): void {
  const mapped = roleMapping.findIndex(({ role }) => role === 'tenant-admin');
  if (tenantClaim !== null && mapped !== -1) {
    throw new RegistrationInvalid('issuers.admission_too_powerful', {
      pointer: `/roleMapping/${mapped}/role`,
      message: 'tenant-admin is given by the tenant itself, never by an issuer of the platform',
    });
  }
  const index = roles.indexOf('tenant-admin');
  if ((admission !== 'anyone' && tenantClaim === null) || index === -1) return;
  throw new RegistrationInvalid('issuers.admission_too_powerful', {
    pointer: `/roles/${index}`,
    message: 'tenant-admin is never given to an unknown subject; add it as a member',
  });
}
