import type { FastifyRequest } from 'fastify';

import {
  API_KEY_PREFIX,
  bearerTokenOf,
  type Caller,
  type Evidence,
  type GuardedRequest,
  MembershipMissing,
  readUnverified,
  type RouteAccess,
  sessionCookieOf,
  TenantMissing,
  type TenantState,
  TokenInvalid,
} from '@tenantry/access';
import { isFields } from '@tenantry/http';
import type { DomainError } from '@tenantry/kernel';
import type { Agreement, DecisionStep } from './receipt.js';
import { refusedAt } from './refused-at.js';
import { type Stop, Walk } from './walk.js';

/** A request that came to a guarded route. */
export type DecidedRequest = Pick<
  FastifyRequest,
  'id' | 'method' | 'headers' | 'params' | 'routeOptions'
> &
  GuardedRequest;

/** A receipt is for looking at: of very many grants the first do. */
const GRANTS_MAX = 50;
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * What was decided about a request, step by step: from what the guard has left on it, and from the
 * error that refused it. Found out afterwards, so that whoever is let by waits for none of it.
 */
export function stepsOf(
  request: DecidedRequest,
  error: DomainError | null,
  tenantHeader: string,
): readonly DecisionStep[] {
  const stop = error && stopOf(error, request);
  const walk = new Walk(stop);
  const stranger = error instanceof MembershipMissing ? error.stranger : null;
  if (request.caller) walkKnown(walk, request.caller, { request, error, tenantHeader });
  else if (stranger) walkVouched(walk, stranger.vouched, stranger.evidence);
  else walkUnknown(walk, request);
  return walk.end();
}

function stopOf(error: DomainError, request: DecidedRequest): Stop {
  const { retryAfterSeconds, details } = error;
  const facts = {
    // Why a token is bad is for the platform; somebody known is told what everybody is.
    ...(error instanceof TokenInvalid && !request.caller && { fault: error.fault }),
    ...(details?.['limit'] !== undefined && { limit: details['limit'] }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
  return { step: refusedAt(error, request), error, facts };
}

type By = Pick<Caller['actor'], 'by' | 'issuer' | 'keyId'>;

/** What vouches for somebody, as far as it was verified. */
function walkVouched(walk: Walk, { by, issuer, keyId }: By, evidence: Evidence | null): void {
  walk.take('credential', { by });
  const { registration, ...claims } = evidence ?? { registration: null };
  walk.take('issuer', { issuer, registration });
  // A session's cookie is signed by nobody.
  if (by !== 'cookie') walk.take('key', { keyId });
  if ('groups' in claims) walk.take('claims', { claims });
}

interface Circumstances {
  readonly request: DecidedRequest;
  readonly error: DomainError | null;
  readonly tenantHeader: string;
}

function walkKnown(walk: Walk, caller: Caller, circumstances: Circumstances): void {
  const { request, error, tenantHeader } = circumstances;
  const { actor, tenant, evidence } = caller;
  const { kind, id, isPlatform, roles } = actor;
  walkVouched(walk, actor, evidence);
  walk.take('member', { kind, id, isPlatform });
  walk.take('roles', {
    roles,
    grants: actor.grants.slice(0, GRANTS_MAX).map(({ role, resource }) => ({ role, resource })),
  });
  if (actor.by === 'cookie' && !READING.has(request.method)) walk.take('csrf');
  // That there is none at all is seen last.
  const isMissing = error instanceof TenantMissing;
  if (tenant || (walk.stopsAt('tenant') && !isMissing)) {
    walk.take('tenant', tenantFacts(caller, request, tenantHeader));
  }
  if (asksSecondFactor(caller, request.access)) walk.take('second_factor');
  if (request.access && 'permission' in request.access)
    walkPermission(walk, caller, request.access);
}

function tenantFacts(
  { actor, tenant }: Caller,
  { params, headers }: DecidedRequest,
  tenantHeader: string,
): Pick<DecisionStep, 'id' | 'status' | 'path' | 'header'> {
  const named = isFields(params) ? params['tenant'] : undefined;
  return {
    ...(tenant && { id: tenant.id, status: tenant.status }),
    path: actor.isPlatform ? namedBy(named) : agreement(named, tenant),
    header: agreement(headers[tenantHeader], tenant),
  };
}

function walkPermission(
  walk: Walk,
  { actor }: Caller,
  access: Extract<RouteAccess, { readonly permission: string }>,
): void {
  const { permission: needed } = access;
  const isByConsent = access.kind === 'tenant' && access.enginesByConsent && actor.isEngine;
  walk.take('permission', {
    needed,
    held: actor.permissions.has(needed),
    ...(isByConsent === true && ({ by: 'consent' } as const)),
  });
}

function asksSecondFactor({ actor, tenant }: Caller, access: RouteAccess | undefined): boolean {
  const isOwnAccount = access?.kind === 'actor' && access.ownAccount === true;
  const isAsked = tenant?.requiresSecondFactor === true && !isOwnAccount;
  return isAsked && actor.kind === 'person' && !actor.isPlatform;
}

/** Nobody known: what they showed claims to be of an issuer, and that is all there is to tell. */
function walkUnknown(walk: Walk, { headers }: DecidedRequest): void {
  const { by, claimed } = shownBy(headers);
  walk.take('credential', by && { by });
  if (walk.stopsAt('throttle') || !claimed) return;
  const doubt = walk.stopsAt('issuer', 'key') ? ({ unverified: true } as const) : {};
  walk.take('issuer', { issuer: textOf(claimed.claims['iss']), ...doubt });
  walk.take('key', { keyId: textOf(claimed.header['kid']), ...doubt });
  walk.take('claims');
}

/** What the request shows, without what could be used again. */
function shownBy({ authorization, cookie }: DecidedRequest['headers']): {
  readonly by: 'token' | 'api_key' | 'cookie' | undefined;
  readonly claimed: ReturnType<typeof readUnverified> | null;
} {
  if (authorization === undefined) {
    return { by: sessionCookieOf(cookie) === null ? undefined : 'cookie', claimed: null };
  }
  try {
    const text = bearerTokenOf(authorization);
    if (text.startsWith(API_KEY_PREFIX)) return { by: 'api_key', claimed: null };
    return { by: 'token', claimed: readUnverified(text) };
  } catch {
    return { by: undefined, claimed: null };
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function namedBy(name: unknown): Agreement {
  return name === undefined ? 'absent' : 'names';
}

function agreement(name: unknown, tenant: TenantState | null): Agreement {
  if (name === undefined) return 'absent';
  return name === tenant?.id || name === tenant?.slug ? 'agrees' : 'differs';
}
