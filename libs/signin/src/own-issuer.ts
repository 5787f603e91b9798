import { Injectable } from '@nestjs/common';

import {
  BuiltInIssuer,
  type TrustedIssuer,
  type TrustedKey,
  type UnverifiedToken,
} from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { KeyRing } from './keys/key-ring.js';
import { SIGNING_ALGORITHM } from './keys/signing-key.js';

const CLOCK_SKEW_SECONDS = 5;
const NO_ADMISSION = { admission: 'members', roles: [], roleMapping: [], resource: null } as const;

/** The issuer that Tenantry itself is. */
@Injectable()
export class OwnIssuer extends BuiltInIssuer {
  readonly issuer: string;

  constructor(
    private readonly keys: KeyRing,
    config: AppConfig,
  ) {
    super();
    this.issuer = config.publicUrl;
  }

  trust(): Promise<TrustedIssuer> {
    return Promise.resolve({
      id: 'built-in',
      tenancy: { kind: 'none' },
      rules: {
        issuer: this.issuer,
        issuerAliases: [],
        audiences: [this.issuer],
        clockSkewSeconds: CLOCK_SKEW_SECONDS,
        maxTokenAgeSeconds: null,
        notAfter: null,
        condition: null,
      },
      claimNames: { subject: 'sub', email: 'email', name: 'name', groups: 'groups' },
      admission: NO_ADMISSION,
      keyFor: (token) => this.#keyFor(token),
    });
  }

  async #keyFor({ header }: UnverifiedToken): Promise<TrustedKey | null> {
    const found = (await this.keys.published()).find(({ kid }) => kid === header['kid']);
    if (!found) return null;
    return {
      kid: found.kid,
      // Its name is its thumbprint.
      thumbprint: found.kid,
      key: found.publicKey,
      algorithms: [SIGNING_ALGORITHM],
      trustedUntil: found.publishedTill,
    };
  }
}
