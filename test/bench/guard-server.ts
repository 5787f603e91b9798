// A process of the guard's bench: the real application, and beside /v1/me the routes that it is
// measured against. Its first argument is a `GuardServerOptions` in JSON.
import 'reflect-metadata';

import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Module,
  Post,
  UseGuards,
} from '@nestjs/common';
import fastify, { type FastifyRequest } from 'fastify';
import { type CryptoKey, importJWK, type JWK, jwtVerify } from 'jose';

import {
  type Actor,
  Caller,
  CurrentCaller,
  type GuardedRequest,
  Public,
  Requires,
} from '@tenantry/access';
import { readConfig } from '@tenantry/config';
import { AppModule } from '../../apps/control-plane/src/app.module.js';
import { start } from '../../apps/control-plane/src/start.js';
import { freePort } from '../../libs/database/src/embedded/free-port.js';
import { MeDto } from '../../libs/signin/src/me/me.dto.js';

export interface GuardServerOptions {
  readonly settings: Readonly<Record<string, string>>;
  readonly issuer: string;
  readonly audience: string;
  readonly publicJwk: JWK;
}

/** What the parent hears when everything serves. */
export interface GuardServerUrls {
  readonly appUrl: string;
  readonly bareUrl: string;
}

const options = JSON.parse(process.argv[2] ?? '{}') as GuardServerOptions;
const key = await importJWK(options.publicJwk, 'ES256');

const ACTOR: Actor = {
  kind: 'external',
  id: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  issuer: options.issuer,
  subject: 'ada',
  email: 'ada@example.com',
  name: null,
  keyId: 'bench',
  sessionId: null,
  isPlatform: false,
  isEngine: false,
  personId: null,
  by: 'token',
  hasSecondFactor: false,
  grants: [],
  roles: ['viewer'],
  permissions: new Set([
    'tenant:read',
    'members:read',
    'roles:read',
    'quotas:read',
    'usage:read',
    'registry:read',
    'audit:read',
  ]),
};
const TENANT = {
  id: ACTOR.id,
  slug: 'acme',
  status: 'active',
  requiresSecondFactor: false,
} as const;

function fixedCaller(): Caller {
  return new Caller(ACTOR, TENANT, { requestId: '', ip: '', userAgent: null });
}

/** A guard as it is commonly written: the key at hand, the signature verified each time. */
class VerifyingGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & GuardedRequest>();
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    await jwtVerify(token, key as CryptoKey, {
      algorithms: ['ES256'],
      issuer: options.issuer,
      audience: options.audience,
      requiredClaims: ['exp', 'sub'],
    });
    request.caller = fixedCaller();
    return true;
  }
}

@Controller('bench')
class BenchController {
  /** The same route as `/v1/me`, open to anyone. */
  @Get('public')
  @Public()
  public(): MeDto {
    return new MeDto(fixedCaller());
  }

  @Get('verifying')
  @Public()
  @UseGuards(VerifyingGuard)
  verifying(@CurrentCaller() caller: Caller): MeDto {
    return new MeDto(caller);
  }
}

/** What a guarded route costs that does nothing. */
@Controller('v1/tenants/:tenant/bench')
class EmptyController {
  @Post('empty')
  @HttpCode(200)
  @Requires('quotas:consume')
  empty(): object {
    return {};
  }
}

async function serveBare(): Promise<string> {
  const server = fastify();
  server.get('/me', () => Promise.resolve(new MeDto(fixedCaller())));
  return server.listen({ port: await freePort(), host: '127.0.0.1' });
}

// What a module is decorated with adds to what `AppModule.of` returns.
Module({ controllers: [BenchController, EmptyController] })(AppModule);

const running = await start(readConfig({ ...options.settings }), {
  log: () => undefined,
  onFailure: (reason) => {
    throw new Error(reason);
  },
});
const urls: GuardServerUrls = { appUrl: running.url, bareUrl: await serveBare() };
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => void running.stop().finally(() => process.exit()));
process.send?.(urls);
