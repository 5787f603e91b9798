import { Injectable } from '@nestjs/common';

import { AppConfig } from '@tenantry/config';
import { Outbound } from '@tenantry/outbound';
import type { Registration } from './issuer.js';
import { RegistrationInvalid } from './issuers.errors.js';
import { KeySetUnusable, parseKeySet } from './keys/key-set.js';

/** Issuers that many organizations share: without a discriminator, all of them would come in. */
const SHARED_ISSUERS: readonly RegExp[] = [
  /^https:\/\/accounts\.google\.com$/,
  /^accounts\.google\.com$/,
  /^https:\/\/token\.actions\.githubusercontent\.com$/,
  /^https:\/\/login\.microsoftonline\.com\/(common|organizations|consumers)\//,
];

/** Whether a registration can be trusted at all, before anything is fetched or saved. */
@Injectable()
export class RegistrationCheck {
  constructor(
    private readonly outbound: Outbound,
    private readonly config: AppConfig,
  ) {}

  /** Throws `RegistrationInvalid`, naming the field. */
  async assertTrustworthy(registration: Registration): Promise<void> {
    this.#assertIssuerUrl(registration);
    this.#assertNotReserved(registration.issuer);
    assertMatch(registration);
    assertAdmission(registration);
    await this.#assertKeys(registration);
  }

  #assertIssuerUrl({ issuer, keySource }: Registration): void {
    const url = URL.parse(issuer);
    if (!url || /[?#]/.test(issuer) || url.username !== '' || url.password !== '') {
      throw new RegistrationInvalid('issuers.issuer_invalid', {
        pointer: '/issuer',
        message: 'must be a URL without query, fragment or credentials',
      });
    }
    // Whoever brings the keys along has no host that we would fetch from.
    if (keySource.kind === 'inline' && url.protocol === 'https:') return;
    this.#assertFetchable(issuer, '/issuer');
  }

  #assertFetchable(url: string, pointer: string): void {
    const failure = this.outbound.explainUrl(url);
    if (failure) {
      throw new RegistrationInvalid('issuers.url_forbidden', { pointer, message: failure.message });
    }
  }

  #assertNotReserved(issuer: string): void {
    if (issuer.replace(/\/$/, '') === this.config.publicUrl) {
      throw new RegistrationInvalid('issuers.issuer_reserved', {
        pointer: '/issuer',
        message: 'is the issuer of this service itself',
      });
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

function assertMatch({ issuer, match }: Registration): void {
  if (match ?? !SHARED_ISSUERS.some((shared) => shared.test(issuer))) return;
  throw new RegistrationInvalid('issuers.match_required', {
    pointer: '/match',
    message: 'is required for this issuer, which many organizations share',
  });
}

/** Whom nobody has added is never let in as an admin. */
function assertAdmission({ admission, roles }: Registration): void {
  const index = roles.indexOf('tenant-admin');
  if (admission !== 'anyone' || index === -1) return;
  throw new RegistrationInvalid('issuers.admission_too_powerful', {
    pointer: `/roles/${index}`,
    message: 'tenant-admin is never given to an unknown subject; add it as a member',
  });
}
