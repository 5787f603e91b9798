/** An issuer URL that many organizations share, told apart by a claim alone. */
interface SharedIssuer {
  readonly url: RegExp;
  /** The claim, if any, whose value is a domain of the organization, verified by the provider. */
  readonly domainClaim: string | null;
}

const SHARED_ISSUERS: readonly SharedIssuer[] = [
  { url: /^(?:https:\/\/)?accounts\.google\.com$/, domainClaim: 'hd' },
  { url: /^https:\/\/token\.actions\.githubusercontent\.com$/, domainClaim: null },
  {
    url: /^https:\/\/login\.microsoftonline\.com\/(?:common|organizations|consumers)(?:\/|$)/,
    domainClaim: null,
  },
];

/** Hosts of providers whose customers cannot publish a DNS record there. */
const HOSTS_OF_PROVIDERS: readonly string[] = [
  'accounts.google.com',
  'amazonaws.com',
  'auth0.com',
  'azure.com',
  // The cluster's own name servers answer for it, to whoever runs in the cluster.
  'cluster.local',
  'githubusercontent.com',
  'googleapis.com',
  'microsoftonline.com',
  'okta-emea.com',
  'okta.com',
  'oktapreview.com',
  'windows.net',
];

/** What is known of a shared issuer; null for one that belongs to a single organization. */
export function sharedIssuer(url: string): SharedIssuer | null {
  return SHARED_ISSUERS.find((shared) => shared.url.test(url)) ?? null;
}

/** Whether the host is a provider's own, so that no customer's DNS record can stand on it. */
export function isHostOfProvider(host: string): boolean {
  return HOSTS_OF_PROVIDERS.some((known) => host === known || host.endsWith(`.${known}`));
}
