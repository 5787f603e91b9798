import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, type Observable, of } from 'rxjs';

import { loggable } from '../problem/failure-log.js';
import {
  IdempotencyKeyInvalid,
  IdempotencyMismatch,
  IdempotencyRunning,
} from '../request.errors.js';
import { speaksOAuth } from '../speaks-oauth.js';
import { type Answer, answerOf, replay } from './answer.js';
import { AnswerBook } from './answer-book.js';
import { NOT_IDEMPOTENT } from './not-idempotent.decorator.js';
import { type Fingerprint, RequestFingerprint } from './request-fingerprint.js';
import { RequestIdentity } from './request-identity.js';

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Lets a `POST` with an `Idempotency-Key` take effect once, and answers its repetitions alike.
 *
 * It runs after the guard, so that a replay is given only to whom the request itself would be. It
 * must be the outermost interceptor: it keeps the headers that the others set.
 *
 * Only successes are kept. After a refusal or a failure the key is free again, so that the caller
 * may mend the request, or the fault may pass, and the same key be sent once more.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor<unknown, unknown> {
  constructor(
    private readonly reflector: Reflector,
    private readonly identity: RequestIdentity,
    private readonly fingerprints: RequestFingerprint,
    private readonly answers: AnswerBook,
  ) {}

  async intercept(
    context: ExecutionContext,
    next: CallHandler<unknown>,
  ): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const fingerprint = this.#fingerprintOf(context, request);
    if (!fingerprint) return next.handle();

    const entry = await this.answers.begin(fingerprint);
    switch (entry.state) {
      case 'mismatch':
        throw new IdempotencyMismatch();
      case 'running':
        throw new IdempotencyRunning();
      case 'done':
        return of(replay(entry.answer, reply));
      case 'started':
        return of(
          await this.#run(next, reply, (end) => this.answers.end(fingerprint, entry.fence, end)),
        );
    }
  }

  #fingerprintOf(context: ExecutionContext, request: FastifyRequest): Fingerprint | null {
    const key = request.headers['idempotency-key'];
    if (key === undefined || !this.#takesPart(context, request)) return null;

    const caller = this.identity.of(request);
    if (caller === null) return null;
    if (typeof key !== 'string' || !KEY.test(key)) throw new IdempotencyKeyInvalid();
    return this.fingerprints.of(request, caller, key);
  }

  #takesPart(context: ExecutionContext, request: FastifyRequest): boolean {
    const targets = [context.getHandler(), context.getClass()];
    return (
      request.method === 'POST' &&
      !speaksOAuth(request) &&
      this.reflector.getAllAndOverride<true | undefined>(NOT_IDEMPOTENT, targets) !== true
    );
  }

  // Awaited, not piped: a caller who hangs up unsubscribes, and the answer must be kept all the same.
  async #run(
    next: CallHandler<unknown>,
    reply: FastifyReply,
    end: (answer: Answer | null) => Promise<void>,
  ): Promise<unknown> {
    let answer: Answer | null = null;
    try {
      const body = await lastValueFrom(next.handle(), { defaultValue: undefined });
      answer = answerOf(body, reply);
      return body;
    } finally {
      // The request has had its effect, or its refusal: neither may turn into a failure because
      // the book cannot be written. The key then frees itself after a minute.
      await end(answer).catch((error: unknown) => {
        reply.log.error(
          { err: loggable(error) },
          'an answer could not be kept for its repetitions',
        );
      });
    }
  }
}
