/** What was found under a key, and what the caller may do now. */
export type Begun =
  /** Nothing: run the request, and name `fence` when it has ended. */
  | { readonly state: 'started'; readonly fence: string }
  /** Another request with this key is at work. */
  | { readonly state: 'running' }
  /** The key belongs to another body. */
  | { readonly state: 'mismatch' }
  /** The request has been answered before. */
  | { readonly state: 'done'; readonly answer: Buffer };

/**
 * Remembers the answers to requests that must not run twice.
 *
 * A key is held for 24 hours. One whose request has been running for a minute counts as crashed and
 * is given to the next who asks; its fence keeps the late one from writing over the new one.
 */
export abstract class IdempotencyStore {
  abstract begin(key: Buffer, bodyDigest: Buffer): Promise<Begun>;

  /** Keeps the answer, unless the key was given to another request meanwhile. */
  abstract complete(key: Buffer, fence: string, answer: Buffer): Promise<void>;

  /** Forgets the key, unless it was given to another request meanwhile. */
  abstract abandon(key: Buffer, fence: string): Promise<void>;
}
