import helmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { type Logger, pino } from 'pino';

import type { GuardedRequest } from '@tenantry/access';
import { Decisions } from '@tenantry/audit';
import {
  addNdjsonParser,
  addRequestHooks,
  FASTIFY_OPTIONS,
  lenientJsonParser,
} from '@tenantry/http';
import { AppModule } from './app.module.js';
import { keepAllowed } from './decision-hook.js';
import { NestLogger, plainError } from './nest-logger.js';
import type { Resources } from './resources.js';
import { readDocument } from './service/document.controller.js';
import { Metrics } from './service/metrics.js';

const REQUEST_TIMEOUT_MS = 60_000;
const PATH_PART_LENGTH_MAX = 512;

/** Makes the application, with its whole HTTP pipeline; it is not initialised yet. */
export async function createApp(resources: Resources): Promise<NestFastifyApplication> {
  const { config } = resources;
  const logger = pino({ level: config.logLevel, base: null, serializers: { err: plainError } });
  const adapter = new FastifyAdapter({
    ...FASTIFY_OPTIONS,
    loggerInstance: logger,
    // One line an answer, written below: Fastify's own carry the whole URL.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: PATH_PART_LENGTH_MAX },
    // Idle connections end with the process; answers under way are finished.
    forceCloseConnections: 'idle',
  });
  const options = { logger: new NestLogger(logger), abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of(resources),
    adapter,
    options,
  );
  await app.register(helmet, { contentSecurityPolicy: { directives: POLICY, useDefaults: false } });
  const fastify = app.getHttpAdapter().getInstance();
  const { bodyLimit } = FASTIFY_OPTIONS;
  app.useBodyParser('application/json', { bodyLimit }, lenientJsonParser(fastify));
  addNdjsonParser(fastify);
  addRequestHooks(fastify);
  fastify.addHook('onResponse', logAnswers(logger, app.get(Metrics)));
  const decisions = app.get(Decisions);
  // Where refusals alone are kept, nobody who is let by has a hook to pass.
  if (decisions.areAllKept) fastify.addHook('onSend', keepAllowed(decisions));
  return app;
}

/** The API serves no pages but the reference, which brings all that it needs along. */
const POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

/** The browsable reference, made from the document that `/openapi.json` serves. */
export async function serveReference(
  app: NestFastifyApplication,
  publicUrl: string,
): Promise<void> {
  const document = (await readDocument(publicUrl)) as unknown as OpenAPIObject;
  SwaggerModule.setup('docs', app, document, {
    raw: false,
    customSiteTitle: 'Tenantry API',
    swaggerOptions: { deepLinking: true },
  });
}

/** One line an answer: the route's pattern and who asked, never what was sent. */
function logAnswers(logger: Logger, metrics: Metrics) {
  return (
    request: FastifyRequest & GuardedRequest,
    reply: FastifyReply,
    done: () => void,
  ): void => {
    const { method, caller } = request;
    const route = request.routeOptions.url ?? 'unknown';
    const status = reply.statusCode;
    metrics.answered({ method, route, status, seconds: reply.elapsedTime / 1_000 });
    logger.info(
      {
        requestId: request.id,
        method,
        route,
        status,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        tenant: caller?.tenant?.id,
        actor: caller?.actor.id,
      },
      'answered',
    );
    done();
  };
}
