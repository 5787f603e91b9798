import type { Readable } from 'node:stream';

import { Injectable } from '@nestjs/common';

import { type Caller, Readmission } from '@tenantry/access';
import { linesOf, RequestInvalid } from '@tenantry/http';
import { Clock, DomainError } from '@tenantry/kernel';
import { ConsumedDto } from './consume.dto.js';
import { Consuming } from './consuming.js';
import { readConsumptionLine } from './demands-body.js';

const LINE_BYTES_MAX = 65_536;
const LASTS_MS = 30_000;
/** So often a caller must still be whom the guard admitted. */
const READMITTED_EVERY_MS = 1_000;

/** Decides demands as they come in, a line each, for as long as their sender is welcome. */
@Injectable()
export class DecisionLines {
  constructor(
    private readonly consuming: Consuming,
    private readonly readmission: Readmission,
    private readonly clock: Clock,
  ) {}

  /** One line of answer for each line, in order; the last one says why there are no more. */
  async *answer(
    caller: Caller,
    authorization: string | undefined,
    demands: Readable,
  ): AsyncGenerator<string> {
    const endsAtMs = this.clock.monotonicMs() + LASTS_MS;
    let admittedUntilMs = this.clock.monotonicMs() + READMITTED_EVERY_MS;
    for await (const line of linesOf(demands, LINE_BYTES_MAX)) {
      const now = this.clock.monotonicMs();
      if (now >= endsAtMs) {
        yield lineOf({ end: 'quotas.stream_ended' });
        return;
      }
      if (now >= admittedUntilMs) {
        const refusal = await this.#refusalOf(caller, authorization);
        if (refusal) {
          yield lineOf({ end: refusal.code });
          return;
        }
        admittedUntilMs = this.clock.monotonicMs() + READMITTED_EVERY_MS;
      }
      yield await this.#decide(caller, line);
    }
  }

  async #decide(caller: Caller, line: string | null): Promise<string> {
    let id: string | null = null;
    try {
      if (line === null) throw new RequestInvalid([{ pointer: '', message: TOO_LONG }]);
      const wanted = readConsumptionLine(line);
      ({ id } = wanted);
      const decision = await this.consuming.decide(caller, wanted, wanted.key);
      return lineOf(Object.assign({ id }, new ConsumedDto(decision)));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { code, message, errors } = error;
      return lineOf({ id, code, detail: message, ...(errors && { errors }) });
    }
  }

  async #refusalOf(caller: Caller, authorization: string | undefined): Promise<DomainError | null> {
    try {
      await this.readmission.assert(caller, authorization, 'quotas:consume');
      return null;
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }
}

const TOO_LONG = `must be at most ${LINE_BYTES_MAX} bytes`;

function lineOf(answer: object): string {
  return `${JSON.stringify(answer)}\n`;
}
