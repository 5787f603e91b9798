import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

import { type Issuer, type Registration, urlsOf } from './issuer.js';
import { isHostOfProvider, sharedIssuer } from './shared-issuers.js';

const RECORD_PREFIX = '_tenantry';
const VALUE_PREFIX = 'tenantry-issuer=';
const DOMAIN =
  /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

type Identity = Pick<Registration, 'issuer' | 'issuerAliases' | 'match'>;

/** The DNS TXT records that show that a tenant owns an issuer: the same value under each name. */
export interface OwnershipRecords {
  /** Empty where no record can show it, and a platform admin has to approve. */
  readonly names: readonly string[];
  readonly value: string;
}

/** What the tenant is to publish. */
export function ownershipRecords(issuer: Issuer): OwnershipRecords {
  const domains = urlsOf(issuer).map((url) => domainOf(url, issuer));
  // A guest's provider is somebody else's: who invites has nothing to show there.
  const names =
    issuer.guest || domains.includes(null)
      ? []
      : [...new Set(domains)].map((domain) => `${RECORD_PREFIX}.${domain ?? ''}`);
  return { names, value: VALUE_PREFIX + issuer.ownershipChallenge };
}

/** Whether what was proven of one is proven of the other too: the same URLs, the same discriminator. */
export function isSameIdentity(one: Identity, other: Identity): boolean {
  const of = ({ match, ...urls }: Identity): string =>
    JSON.stringify([urlsOf(urls).toSorted(), match?.claim ?? null, match?.value ?? null]);
  return of(one) === of(other);
}

/** The domain that whoever owns this issuer controls: its host, or the one that its discriminator names. */
function domainOf(url: string, { match }: Identity): string | null {
  const shared = sharedIssuer(url);
  // Any other discriminator is whatever a provider's customer likes to put into it.
  if (shared) {
    return shared.domainClaim !== null && match?.claim === shared.domainClaim
      ? domainFrom(match.value)
      : null;
  }
  const host = URL.parse(url)?.hostname ?? '';
  return isHostOfProvider(host) ? null : domainFrom(host);
}

function domainFrom(name: string): string | null {
  const domain = domainToASCII(name).toLowerCase();
  return isIP(domain) === 0 && DOMAIN.test(domain) ? domain : null;
}
