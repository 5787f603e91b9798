import { Injectable } from '@nestjs/common';

import { Clock } from '@tenantry/kernel';
import { Outbound, OutboundFailure } from '@tenantry/outbound';
import type { Message } from './message.js';
import type { Receiver } from './sink.js';
import { SinkSecrets } from './sink-secrets.js';
import { webhookHeaders } from './webhook.js';

const TIMEOUT_MS = 15_000;
/** What a receiver says beside its status is of no interest. */
const ANSWER_BYTES_MAX = 16_384;

/** What became of a message that was sent. */
export interface Outcome {
  readonly isTaken: boolean;
  /** What the receiver answered; null where it did not. */
  readonly status: number | null;
  /** Why it was not taken: `http_503`, or what the sending failed by. */
  readonly reason: string | null;
  /** After how long the receiver wants to be asked again, where it says so. */
  readonly retryAfterSeconds: number | null;
  /** It was not the receiver's doing: this process stops. */
  readonly isGivenUp: boolean;
}

/** Sends messages, signed, wherever a tenant wants them that may be fetched from. */
@Injectable()
export class MessageSender {
  constructor(
    private readonly outbound: Outbound,
    private readonly secrets: SinkSecrets,
    private readonly clock: Clock,
  ) {}

  /** Sends it once. Throws nothing that the receiver could bring about. */
  async send(
    receiver: Receiver,
    { id, body }: Pick<Message, 'id' | 'body'>,
    signal?: AbortSignal,
  ): Promise<Outcome> {
    const timestampSeconds = Math.floor(this.clock.now().getTime() / 1_000);
    const keys = this.secrets.keysOf(receiver);
    const headers = webhookHeaders({ id, timestampSeconds, body }, keys);
    const options = {
      timeoutMs: TIMEOUT_MS,
      maxBytes: ANSWER_BYTES_MAX,
      ...(signal ? { signal } : {}),
    };
    try {
      const post = { body, headers };
      const { status, retryAfterSeconds } = await this.outbound.postJson(
        receiver.url,
        post,
        options,
      );
      const isTaken = status >= 200 && status < 300;
      const reason = isTaken ? null : `http_${status}`;
      return { isTaken, status, reason, retryAfterSeconds, isGivenUp: false };
    } catch (error) {
      if (!(error instanceof OutboundFailure)) throw error;
      return {
        isTaken: false,
        status: null,
        reason: error.reason,
        retryAfterSeconds: null,
        isGivenUp: error.reason === 'closed',
      };
    }
  }
}
