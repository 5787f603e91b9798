import { type ArgumentsHost, Catch, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { GuardedRequest } from '@tenantry/access';
import { Decisions, Refusals } from '@tenantry/audit';
import { ProblemFilter } from '@tenantry/http';
import { DomainError } from '@tenantry/kernel';
import { Metrics } from './service/metrics.js';

/** Puts a refusal on record before it is told: who was refused what, and by which rule. */
@Catch()
@Injectable()
export class RecordingFilter extends ProblemFilter {
  constructor(
    private readonly refusals: Refusals,
    private readonly decisions: Decisions,
    private readonly metrics: Metrics,
  ) {
    super();
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest & GuardedRequest>();
    const route = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    if (error instanceof DomainError) this.metrics.refused(error.code);
    void this.refusals.note(error, route, request.caller).finally(() => {
      super.catch(error, host);
      // Before anybody can have read the answer.
      const { statusCode } = http.getResponse<FastifyReply>();
      this.decisions.noteRefusal(request, error, statusCode);
    });
  }
}
