import { describe, expect, it } from '@jest/globals';

import {
  type Actor,
  Caller,
  CsrfRefused,
  MembershipMissing,
  PermissionMissing,
  RoleBeyondOwn,
  type RouteAccess,
  SecondFactorRequired,
  TenantMismatch,
  TenantMissing,
  TenantNotFound,
  type TenantState,
  TenantSuspended,
  Throttled,
  type TokenFault,
  TokenInvalid,
  TokenMissing,
} from '@tenantry/access';
import { DomainError } from '@tenantry/kernel';
import { craftToken, newSigningKey } from '@tenantry/testing';
import { actorOf } from '../doers.js';
import { type DecidedRequest, stepsOf } from './steps.js';

const ACME: TenantState = { id: 't1', slug: 'acme', status: 'active', requiresSecondFactor: false };
const ISSUER = 'https://login.acme.example';
const READS_ISSUERS: RouteAccess = { kind: 'tenant', permission: 'issuers:read' };
const { privateKey } = await newSigningKey('EdDSA');
const TOKEN = craftToken({
  header: { alg: 'EdDSA', kid: 'k1' },
  payload: { iss: ISSUER, sub: 'ada@acme.example' },
  key: privateKey,
});

const EVIDENCE = {
  registration: 'i1',
  names: { subject: 'sub', email: 'email', groups: 'groups', tenant: null },
  isEmailVerified: true,
  groups: ['staff'],
  mappedRoles: [{ group: 'staff', role: 'viewer' }],
  admission: 'members',
  admissionRoles: [],
  resource: null,
  condition: null,
} as const;

class Exhausted extends DomainError {
  readonly code = 'quotas.exhausted';
  readonly kind = 'exhausted';
  override readonly retryAfterSeconds = 7;
  override readonly details = { limit: { kind: 'calls', quota: 10 } };
}

function callerOf(given: Partial<Actor> = {}, tenant: TenantState | null = ACME): Caller {
  const actor = actorOf({
    kind: 'external',
    id: 'm1',
    issuer: ISSUER,
    subject: 'ada@acme.example',
    email: 'ada@acme.example',
    keyId: 'k1',
    roles: ['viewer'],
    permissions: new Set(['issuers:read']),
    ...given,
  });
  return new Caller(actor, tenant, { requestId: 'r', ip: '', userAgent: null }, EVIDENCE);
}

const aRequest = (given: Partial<DecidedRequest> = {}): DecidedRequest => ({
  id: 'request-1',
  method: 'POST',
  headers: {},
  params: { tenant: 't1' },
  routeOptions: { url: '/v1/tenants/:tenant/issuers', method: 'POST', bodyLimit: 0 } as never,
  access: READS_ISSUERS,
  ...given,
});

/** In short: the steps that passed, and the one that refused. */
function wayOf(request: DecidedRequest, error: DomainError | null): string {
  return stepsOf(request, error, 'x-tenant-id')
    .map(({ step, outcome }) => (outcome === 'refused' ? `!${step}` : step))
    .join(' ');
}

describe('the steps of somebody known', () => {
  it('say what each rested on, in the order in which they are decided', () => {
    const request = aRequest({ caller: callerOf(), headers: { 'x-tenant-id': 'acme' } });

    expect(stepsOf(request, null, 'x-tenant-id')).toEqual([
      { step: 'credential', outcome: 'passed', by: 'token' },
      { step: 'issuer', outcome: 'passed', issuer: ISSUER, registration: 'i1' },
      { step: 'key', outcome: 'passed', keyId: 'k1' },
      {
        step: 'claims',
        outcome: 'passed',
        claims: {
          names: { subject: 'sub', email: 'email', groups: 'groups', tenant: null },
          isEmailVerified: true,
          groups: ['staff'],
          mappedRoles: [{ group: 'staff', role: 'viewer' }],
          admission: 'members',
          admissionRoles: [],
          resource: null,
          condition: null,
        },
      },
      { step: 'member', outcome: 'passed', kind: 'external', id: 'm1', isPlatform: false },
      { step: 'roles', outcome: 'passed', roles: ['viewer'], grants: [] },
      {
        step: 'tenant',
        outcome: 'passed',
        id: 't1',
        status: 'active',
        path: 'agrees',
        header: 'agrees',
      },
      { step: 'permission', outcome: 'passed', needed: 'issuers:read', held: true },
    ]);
  });

  const WAY_IN = 'credential issuer key claims member roles';
  const COOKIE = 'credential issuer claims member roles';

  it.each<[string, DomainError, Partial<DecidedRequest>, string]>([
    ['another tenant', new TenantMismatch(), { params: { tenant: 'x' } }, `${WAY_IN} !tenant`],
    ['its closed tenant', new TenantSuspended(), {}, `${WAY_IN} !tenant`],
    ['a rate', new Throttled(1), {}, `${WAY_IN} tenant permission !throttle`],
    ['a quota', new Exhausted(''), {}, `${WAY_IN} tenant permission !quota`],
    ['the route itself', new RoleBeyondOwn(), {}, `${WAY_IN} tenant permission !route`],
    [
      'a wrong password',
      new TokenInvalid('malformed'),
      { access: { kind: 'actor' } },
      `${WAY_IN} tenant !route`,
    ],
    [
      'a permission that the route declares',
      new PermissionMissing('issuers:write'),
      { access: { kind: 'tenant', permission: 'issuers:write' } },
      `${WAY_IN} tenant !permission`,
    ],
    [
      'another permission',
      new PermissionMissing('members:read'),
      {},
      `${WAY_IN} tenant permission !route`,
    ],
    [
      'no tenant for the platform',
      new TenantNotFound(),
      { caller: callerOf({ isPlatform: true }, null) },
      `${WAY_IN} !tenant`,
    ],
    [
      'no tenant at all',
      new TenantMissing(),
      { caller: callerOf({ isPlatform: true }, null), params: {} },
      `${WAY_IN} permission !tenant`,
    ],
    [
      'a second factor',
      new SecondFactorRequired(),
      { caller: callerOf({ kind: 'person' }, { ...ACME, requiresSecondFactor: true }) },
      `${WAY_IN} tenant !second_factor`,
    ],
    [
      'a foreign page',
      new CsrfRefused(),
      { caller: callerOf({ by: 'cookie', keyId: null }) },
      `${COOKIE} !csrf`,
    ],
  ])('end where it was refused by %s', (_, error, given, way) => {
    expect(wayOf(aRequest({ caller: callerOf(), ...given }), error)).toBe(way);
  });

  it('tell of a refusal what it told', () => {
    const of = (error: DomainError, given: Partial<DecidedRequest> = {}): unknown =>
      stepsOf(aRequest({ caller: callerOf(), ...given }), error, 'x-tenant-id').at(-1);

    expect(of(new Exhausted(''))).toEqual({
      step: 'quota',
      outcome: 'refused',
      code: 'quotas.exhausted',
      limit: { kind: 'calls', quota: 10 },
      retryAfterSeconds: 7,
    });
    expect(of(new TenantMismatch(), { headers: { 'x-tenant-id': 'globex' } })).toEqual({
      step: 'tenant',
      outcome: 'refused',
      code: 'access.tenant_mismatch',
      id: 't1',
      status: 'active',
      path: 'agrees',
      header: 'differs',
    });
  });

  it('show an engine let by with the tenant’s consent in place of a permission', () => {
    const access = {
      kind: 'tenant',
      permission: 'secrets:reveal',
      enginesByConsent: true,
    } as const;
    const caller = callerOf({ kind: 'service', isPlatform: true, isEngine: true });

    expect(stepsOf(aRequest({ caller, access }), null, 'x-tenant-id').slice(-2)).toEqual([
      {
        step: 'tenant',
        outcome: 'passed',
        id: 't1',
        status: 'active',
        path: 'names',
        header: 'absent',
      },
      {
        step: 'permission',
        outcome: 'passed',
        needed: 'secrets:reveal',
        held: false,
        by: 'consent',
      },
    ]);
  });
});

describe('the steps of nobody known', () => {
  it('hold what a token only claims to be for that', () => {
    const request = aRequest({ headers: { authorization: `Bearer ${TOKEN}` } });

    expect(stepsOf(request, new TokenInvalid('unknown_key'), 'x-tenant-id')).toEqual([
      { step: 'credential', outcome: 'passed', by: 'token' },
      { step: 'issuer', outcome: 'passed', issuer: ISSUER, unverified: true },
      {
        step: 'key',
        outcome: 'refused',
        code: 'access.token_invalid',
        keyId: 'k1',
        unverified: true,
        fault: 'unknown_key',
      },
    ]);
  });

  it('believe a token as far as its signature was seen to hold', () => {
    const request = aRequest({ headers: { authorization: `Bearer ${TOKEN}` } });

    expect(stepsOf(request, new TokenInvalid('expired'), 'x-tenant-id')).toEqual([
      { step: 'credential', outcome: 'passed', by: 'token' },
      { step: 'issuer', outcome: 'passed', issuer: ISSUER },
      { step: 'key', outcome: 'passed', keyId: 'k1' },
      { step: 'claims', outcome: 'refused', code: 'access.token_invalid', fault: 'expired' },
    ]);
  });

  it.each<[TokenFault, string]>([
    ['unknown_issuer', 'credential !issuer'],
    ['bad_signature', 'credential issuer !key'],
    ['condition_unmet', 'credential issuer key !claims'],
    ['revoked', 'credential issuer key claims !session'],
    ['unknown_account', 'credential issuer key claims !member'],
  ])('end, for %s, at: %s', (fault, way) => {
    const request = aRequest({ headers: { authorization: `Bearer ${TOKEN}` } });

    expect(wayOf(request, new TokenInvalid(fault))).toBe(way);
  });

  it('hold nothing of what could be shown again', () => {
    const ways = [
      ['tnt_a-secret', new TokenInvalid('unknown_api_key')],
      ['no-token', new TokenInvalid('malformed')],
      [TOKEN, new Throttled(1)],
    ] as const;

    const steps = ways.map(([text, error]) =>
      stepsOf(aRequest({ headers: { authorization: `Bearer ${text}` } }), error, 'x-tenant-id'),
    );

    expect(steps.map((all) => all.map(({ step, by }) => [step, by]))).toEqual([
      [['credential', 'api_key']],
      [['credential', undefined]],
      [
        ['credential', 'token'],
        ['throttle', undefined],
      ],
    ]);
    expect(JSON.stringify(steps)).not.toMatch(/a-secret|no-token|ada/);
    expect(wayOf(aRequest(), new TokenMissing())).toBe('!credential');
  });

  it('say who vouched for a subject that is no member', () => {
    const { actor: vouched } = callerOf();
    const error = new MembershipMissing({ tenant: ACME, vouched, evidence: EVIDENCE });

    const steps = stepsOf(aRequest(), error, 'x-tenant-id');

    expect(steps.map(({ step, outcome }) => [step, outcome])).toEqual([
      ['credential', 'passed'],
      ['issuer', 'passed'],
      ['key', 'passed'],
      ['claims', 'passed'],
      ['member', 'refused'],
    ]);
    expect(JSON.stringify(steps)).not.toContain('ada');
  });
});
