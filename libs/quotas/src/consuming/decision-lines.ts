import type { Readable } from 'node:stream';

import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

import { type Caller, Readmission } from '@tenantry/access';
import { linesOf, RequestInvalid } from '@tenantry/http';
import { DomainError } from '@tenantry/kernel';
import { ConsumedDto } from './consume.dto.js';
import { Consuming } from './consuming.js';
import { readConsumptionLine } from './demands-body.js';
import type { LineStream } from './line-stream.js';
import { LineStreams } from './line-streams.js';

const LINE_BYTES_MAX = 65_536;

/** Decides demands as they come in, a line each, for as long as their sender is welcome. */
@Injectable()
export class DecisionLines {
  constructor(
    private readonly consuming: Consuming,
    private readonly readmission: Readmission,
    private readonly streams: LineStreams,
  ) {}

  /**
   * One line of answer for each line, in order; the last one says why there are no more. Throws
   * `TooManyStreams`.
   */
  answer(caller: Caller, demands: Readable, reply: FastifyReply): AsyncGenerator<string> {
    const { headers, method } = reply.request;
    // Nothing else can come on it while its sender has more to say than we want to hear.
    void reply.header('connection', 'close');
    const stream = this.streams.open(caller.scope.tenantId, reply.raw, () =>
      this.readmission.assert(caller, headers, { permission: 'quotas:consume', method }),
    );
    return this.#answers(caller, demands, stream);
  }

  async *#answers(caller: Caller, demands: Readable, stream: LineStream): AsyncGenerator<string> {
    for await (const line of linesOf(demands, LINE_BYTES_MAX, stream.over)) {
      await stream.watch();
      if (stream.end !== null) break;
      yield await this.#decide(caller, line);
    }
    if (stream.end !== null) yield lineOf({ end: stream.end });
  }

  async #decide(caller: Caller, line: string | null): Promise<string> {
    let id: string | null = null;
    try {
      if (line === null) throw new RequestInvalid([{ pointer: '', message: TOO_LONG }]);
      const wanted = readConsumptionLine(line);
      ({ id } = wanted);
      if (wanted.errors.length > 0) throw new RequestInvalid(wanted.errors);
      const decision = await this.consuming.decide(caller, wanted, wanted.key);
      return lineOf(Object.assign({ id }, new ConsumedDto(decision)));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { code, message, errors } = error;
      return lineOf({ id, code, detail: message, ...(errors && { errors }) });
    }
  }
}

const TOO_LONG = `must be at most ${LINE_BYTES_MAX} bytes`;

function lineOf(answer: object): string {
  return `${JSON.stringify(answer)}\n`;
}
