import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  getOptionsToken,
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerRequest,
} from '@nestjs/throttler';
import type { FastifyReply } from 'fastify';

import type { ThrottleConfig } from '@tenantry/config';
import { Throttled } from './access.errors.js';
import type { GuardedRequest } from './route-access.js';
import { ThrottleStorage } from './throttle-storage.js';

const WINDOW_MS = 1_000;

/** The two limits of authenticated traffic: one actor's, and one tenant's whole. */
export function throttleOptions(config: ThrottleConfig): ThrottlerModuleOptions {
  return {
    setHeaders: false,
    throttlers: [
      {
        name: 'actor',
        ttl: WINDOW_MS,
        limit: config.actorPerSecond,
        skipIf: (context) =>
          config.actorPerSecond === 0 || (callerOf(context)?.actor.isEngine ?? true),
        getTracker: (_, context) => `actor:${callerOf(context)?.actor.id ?? ''}`,
      },
      {
        name: 'tenant',
        ttl: WINDOW_MS,
        limit: config.tenantPerSecond,
        skipIf: (context) => config.tenantPerSecond === 0 || !callerOf(context)?.tenant,
        getTracker: (_, context) => `tenant:${callerOf(context)?.tenant?.id ?? ''}`,
      },
    ],
  };
}

/** Holds each actor and each tenant to its rate. Stands behind the tenant guard. */
@Injectable()
export class ThrottleGuard extends ThrottlerGuard {
  constructor(
    @Inject(getOptionsToken()) options: ThrottlerModuleOptions,
    storage: ThrottleStorage,
    reflector: Reflector,
  ) {
    super(options, storage, reflector);
  }

  // The package hashes class and handler into the key: an actor would have a budget per route.
  protected override generateKey(_: ExecutionContext, tracker: string): string {
    return tracker;
  }

  protected override async handleRequest(request: ThrottlerRequest): Promise<boolean> {
    const { context, limit, ttl, throttler, getTracker, blockDuration } = request;
    const tracker = await getTracker({}, context);
    const { isBlocked, timeToBlockExpire } = await this.storageService.increment(
      tracker,
      ttl,
      limit,
      blockDuration,
      throttler.name ?? '',
    );
    if (!isBlocked) return true;
    // https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    context
      .switchToHttp()
      .getResponse<FastifyReply>()
      .header('RateLimit-Policy', `"${throttler.name ?? ''}";q=${limit};w=${ttl / 1_000}`)
      .header('RateLimit', `"${throttler.name ?? ''}";r=0;t=${timeToBlockExpire}`);
    throw new Throttled(timeToBlockExpire);
  }
}

function callerOf(context: ExecutionContext): GuardedRequest['caller'] {
  return context.switchToHttp().getRequest<GuardedRequest>().caller;
}
