/** Whether the same fetch may succeed later (`transient`), or only once something is changed. */
export type Permanence = 'transient' | 'permanent';

export type OutboundFailureReason =
  | 'url_invalid'
  | 'credentials_forbidden'
  | 'scheme_forbidden'
  | 'address_forbidden'
  | 'dns_failed'
  | 'connect_failed'
  | 'tls_failed'
  | 'timeout'
  | 'closed'
  | 'redirect'
  | 'status'
  | 'too_large'
  | 'not_json';

const MESSAGES: Readonly<Record<OutboundFailureReason, string>> = {
  url_invalid: 'This is not a URL that can be fetched.',
  credentials_forbidden: 'The URL must not carry a user name or a password.',
  scheme_forbidden: 'Only https URLs are fetched.',
  address_forbidden: 'The host of the URL is at an address that is not fetched from.',
  dns_failed: 'The host of the URL could not be resolved.',
  connect_failed: 'The server could not be reached, or broke off.',
  tls_failed: 'No trusted TLS connection to the server could be made.',
  timeout: 'The server did not answer in time.',
  closed: 'The fetch was given up because this process is stopping.',
  redirect: 'The server answered with a redirect; redirects are not followed.',
  status: 'The server answered with a status other than 200.',
  too_large: 'The answer of the server is too large.',
  not_json: 'The answer of the server is not JSON.',
};

/**
 * What passes by itself. A bad certificate is among it: it is what a lapsed renewal looks like, and
 * somebody in the middle must not be able to make a failure permanent.
 */
const TRANSIENT: ReadonlySet<OutboundFailureReason> = new Set([
  'dns_failed',
  'connect_failed',
  'tls_failed',
  'timeout',
  'closed',
] as const);

const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

interface OutboundFailureOptions extends ErrorOptions {
  readonly status?: number;
}

/** A fetch that brought nothing. The message is fit for a caller; addresses and internals are in `cause` alone. */
export class OutboundFailure extends Error {
  override readonly name = 'OutboundFailure';
  readonly permanence: Permanence;
  /** What the server answered, where it answered. */
  readonly status?: number;

  constructor(
    readonly reason: OutboundFailureReason,
    { status, ...options }: OutboundFailureOptions = {},
  ) {
    super(MESSAGES[reason], options);
    this.permanence = TRANSIENT.has(reason) || passes(status) ? 'transient' : 'permanent';
    if (status !== undefined) this.status = status;
  }
}

function passes(status = 0): boolean {
  return status >= 500 || TRANSIENT_STATUSES.has(status);
}
