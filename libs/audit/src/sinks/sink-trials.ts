import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { CursorCodec, type Page, pageById } from '@tenantry/http';
import { Clock, isUuid, newId } from '@tenantry/kernel';
import { AuditTrail } from '../audit-trail.js';
import type { Deed } from '../deed.js';
import { DeadLettersRepository } from './dead-letters.repository.js';
import { type Message, testMessage } from './message.js';
import { MessageSender, type Outcome } from './message-sender.js';
import { MessageSource } from './message-source.js';
import type { DeadLetter, Receiver, Sink } from './sink.js';
import {
  AuditDeadLetterEmpty,
  AuditDeadLetterNotFound,
  AuditSinkBusy,
  AuditSinkFailed,
} from './sinks.errors.js';
import { SinksService } from './sinks.service.js';

const LIST = 'audit-dead-letters';

/** Sends to a sink what somebody asks for, at once and once: a test, or what it did not take. */
@Injectable()
export class SinkTrials {
  readonly #running = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly sinks: SinksService,
    private readonly letters: DeadLettersRepository,
    private readonly messages: MessageSource,
    private readonly sender: MessageSender,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  /** What the receiver makes of a message that tells of nothing. */
  async test(caller: Caller, id: string): Promise<Outcome> {
    const { scope } = caller;
    const sink = await this.sinks.get(scope, id);
    const message = testMessage(scope.tenantId, newId(), this.clock.now());
    const outcome = await this.#send(sink.receiver, message);
    const { status, reason } = outcome;
    await this.audit.recordNow(scope, caller, [
      deedOf(sink, 'audit_sink.tested', { status: { after: status }, failure: { after: reason } }),
    ]);
    return outcome;
  }

  async deadLetters(
    { scope }: Caller,
    id: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<DeadLetter>> {
    const { id: sinkId } = await this.sinks.get(scope, id);
    const page = { list: LIST, scope: JSON.stringify([scope.tenantId, sinkId]), limit, cursor };
    return pageById(this.cursors, page, (stretch) => this.letters.list(scope, sinkId, stretch));
  }

  /** Sends the same message again. Throws `AuditSinkFailed` where it is not taken. */
  async redeliver(caller: Caller, id: string, letterId: string): Promise<DeadLetter> {
    const { scope } = caller;
    const sink = await this.sinks.get(scope, id);
    const letter = await this.#letter(caller, sink, letterId);
    const message = await this.messages.again(sink.receiver, letter);
    if (!message) throw new AuditDeadLetterEmpty();
    const outcome = await this.#send(sink.receiver, message);
    if (!outcome.isTaken) throw new AuditSinkFailed(outcome);
    await this.database.within(scope, async (tx) => {
      await this.letters.redelivered(tx, id, letterId);
      const changes = { from: { after: letter.from }, to: { after: letter.to } };
      this.audit.record(tx, caller, deedOf(sink, 'audit_sink.redelivered', changes));
    });
    return this.#letter(caller, sink, letterId);
  }

  /** One at a time for each sink: nobody is flooded, and no memory filled, by asking often. */
  async #send(receiver: Receiver, message: Pick<Message, 'id' | 'body'>): Promise<Outcome> {
    const { sinkId } = receiver;
    if (this.#running.has(sinkId)) throw new AuditSinkBusy();
    this.#running.add(sinkId);
    try {
      return await this.sender.send(receiver, message);
    } finally {
      this.#running.delete(sinkId);
    }
  }

  async #letter({ scope }: Caller, sink: Sink, letterId: string): Promise<DeadLetter> {
    const letter = isUuid(letterId) ? await this.letters.find(scope, sink.id, letterId) : null;
    if (!letter) throw new AuditDeadLetterNotFound();
    return letter;
  }
}

function deedOf({ id, name }: Sink, deed: Deed['deed'], changes: Deed['changes'] = {}): Deed {
  return { deed, target: { kind: 'audit_sink', id, name }, changes };
}
