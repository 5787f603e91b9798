/** What may be told of a failed call: nothing of what was sent, nothing of what was answered. */
export interface KeyServiceFault {
  /** The service's or the network's word for it: `ThrottlingException`, `ECONNREFUSED`. */
  readonly name: string;
  /** The HTTP status, where there was an answer. */
  readonly status: number | null;
  /** By which the service's own log knows the call. */
  readonly requestId: string | null;
}

/** The key service did not answer, or not now: the same call may succeed later. */
export class KeyServiceUnreachable extends Error {
  override readonly name = 'KeyServiceUnreachable';
}

/** The key service answered no, and will until somebody changes a key, a permission or a setting. */
export class KeyServiceRefused extends Error {
  override readonly name = 'KeyServiceRefused';
}
