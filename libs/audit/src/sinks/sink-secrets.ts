import { Injectable } from '@nestjs/common';

import { Sealer } from '@tenantry/crypto';
import { Clock } from '@tenantry/kernel';
import type { Receiver, Signing } from './sink.js';
import { newWebhookKey, type NewWebhookKey, type WebhookKey } from './webhook.js';

/** So long a secret that was replaced signs along. */
const OVERLAP_MS = 86_400_000;

interface KeptKey extends WebhookKey {
  /** Until when it signs along; null: it is the present one. */
  readonly until: string | null;
}

/** Whose secrets they are: they open in no other place. */
type Owner = Pick<Receiver, 'tenantId' | 'sinkId'>;

/** New secrets of a sink, sealed, and what its receiver is told of them. */
export interface MadeSecrets extends Pick<NewWebhookKey, 'secret' | 'publicKey'> {
  readonly sealed: Buffer;
}

/** What sinks are signed for: made here, opened here, and sealed everywhere else. */
@Injectable()
export class SinkSecrets {
  constructor(
    private readonly sealer: Sealer,
    private readonly clock: Clock,
  ) {}

  make(owner: Owner, signing: Signing): MadeSecrets {
    return this.#made(owner, newWebhookKey(signing), []);
  }

  /** The secret so far signs along for a day; one that was replaced before that does not any more. */
  rotate(receiver: Receiver, signing: Signing): MadeSecrets {
    const until = new Date(this.clock.now().getTime() + OVERLAP_MS).toISOString();
    const [present] = this.#open(receiver);
    return this.#made(receiver, newWebhookKey(signing), present ? [{ ...present, until }] : []);
  }

  /** Those that sign at present, the newest first. */
  keysOf(receiver: Receiver): readonly WebhookKey[] {
    const now = this.clock.now().toISOString();
    return this.#open(receiver).filter(({ until }) => until === null || until > now);
  }

  #made(owner: Owner, made: NewWebhookKey, others: readonly KeptKey[]): MadeSecrets {
    const { secret, publicKey, signing, key } = made;
    const kept: readonly KeptKey[] = [{ signing, key, until: null }, ...others];
    const sealed = this.sealer.seal(Buffer.from(JSON.stringify(kept)), contextOf(owner));
    return { secret, publicKey, sealed };
  }

  #open(receiver: Receiver): readonly KeptKey[] {
    const text = this.sealer.open(receiver.secrets, contextOf(receiver)).toString();
    return JSON.parse(text) as readonly KeptKey[];
  }
}

function contextOf({ tenantId, sinkId }: Owner): string {
  return `audit-sink:${tenantId}:${sinkId}`;
}
