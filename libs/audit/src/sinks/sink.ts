/** How messages to a sink are signed (Standard Webhooks): by a shared secret, or by a key pair. */
export type Signing = 'hmac' | 'ed25519';

export type SinkStatus = 'enabled' | 'disabled';

/** Where a tenant's trail is sent. */
export interface Sink {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly signing: Signing;
  readonly publicKey: string | null;
  readonly status: SinkStatus;
  /** Why the last message was not taken; null where it was. */
  readonly reason: string | null;
  /** Up to which record it was delivered, or put aside. */
  readonly delivered: number;
  /** How often the message that is being tried was not taken. */
  readonly attempts: number;
  readonly lastSuccessAt: Date | null;
  readonly lastFailureAt: Date | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A sink that somebody wants. */
export interface NewSink {
  readonly name: string;
  readonly url: string;
  readonly signing?: Signing;
  readonly from?: 'now' | 'beginning';
}

/** What may change of a sink. */
export interface SinkChanges {
  readonly name?: string;
  readonly url?: string;
  readonly status?: SinkStatus;
}

/** What it takes to send something to a sink. */
export interface Receiver {
  readonly tenantId: string;
  readonly sinkId: string;
  readonly url: string;
  /** Sealed. */
  readonly secrets: Uint8Array;
}

/** A message that a sink did not take. */
export interface DeadLetter {
  readonly id: string;
  readonly messageId: string;
  readonly from: number;
  readonly to: number;
  readonly attempts: number;
  readonly reason: string;
  readonly at: Date;
  readonly redeliveredAt: Date | null;
}
