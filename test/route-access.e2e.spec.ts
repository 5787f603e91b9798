import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

import { RouteUndeclared } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { MasterKey } from '@tenantry/crypto';
import { Clock, newId } from '@tenantry/kernel';
import { Outbound, TxtResolver } from '@tenantry/outbound';
import { AppModule } from '../apps/control-plane/src/app.module.js';
import { CarelessController } from './careless.controller.js';
import { MatrixWorld } from './matrix-world.js';
import { wordsOf } from './route-table.js';
import type { Answer } from './send.js';

describe('who may call which route', () => {
  let world: MatrixWorld;

  beforeAll(async () => {
    world = await MatrixWorld.start();
  });
  afterAll(() => world.close());

  it('is what was agreed upon', () => {
    const surface = world
      .routes()
      .map(({ path, method, access }) => `${path} ${method}: ${wordsOf(access)}`);

    expect(surface.toSorted()).toEqual([
      '/.well-known/jwks.json GET: public',
      '/.well-known/oauth-authorization-server GET: public',
      '/healthz GET: public',
      '/oauth/introspect POST: public',
      '/oauth/revoke POST: public',
      '/oauth/token POST: public',
      '/openapi.json GET: public',
      '/readyz GET: public',
      '/v1/account GET: actor',
      '/v1/account/second-factor POST: actor',
      '/v1/account/second-factor/confirm POST: actor',
      '/v1/account/second-factor/recovery-codes POST: actor',
      '/v1/account/second-factor/remove POST: actor',
      '/v1/account/sessions GET: actor',
      '/v1/account/sessions/:session DELETE: actor',
      '/v1/audit/keys GET: public',
      '/v1/invitations/accept POST: public',
      '/v1/issuer-presets GET: actor',
      '/v1/issuer-presets/:preset GET: actor',
      '/v1/login POST: public',
      '/v1/logout POST: actor',
      '/v1/me GET: actor',
      '/v1/password/change POST: actor',
      '/v1/password/reset POST: public',
      '/v1/password/reset-request POST: public',
      '/v1/permissions GET: actor',
      '/v1/plans GET: platform platform:read',
      '/v1/plans POST: platform platform:write',
      '/v1/plans/:plan DELETE: platform platform:write',
      '/v1/plans/:plan GET: platform platform:read',
      '/v1/plans/:plan PUT: platform platform:write',
      '/v1/platform/admins GET: platform platform:read',
      '/v1/platform/admins POST: platform platform:write',
      '/v1/platform/admins/:admin DELETE: platform platform:write',
      '/v1/platform/admins/:admin GET: platform platform:read',
      '/v1/platform/admins/:admin PATCH: platform platform:write',
      '/v1/platform/admins/:admin/reactivate POST: platform platform:write',
      '/v1/platform/admins/:admin/resend POST: platform platform:write',
      '/v1/platform/admins/:admin/rotate POST: platform platform:write',
      '/v1/platform/admins/:admin/suspend POST: platform platform:write',
      '/v1/platform/audit/checkpoints GET: platform platform:read',
      '/v1/platform/audit/checkpoints POST: platform platform:read',
      '/v1/platform/audit/erasures POST: platform platform:write',
      '/v1/platform/audit/events GET: platform platform:read',
      '/v1/platform/audit/events/:event/proof GET: platform platform:read',
      '/v1/platform/audit/export GET: platform platform:read',
      '/v1/platform/audit/retention GET: platform platform:read',
      '/v1/platform/audit/retention PUT: platform platform:write',
      '/v1/platform/audit/tail GET: platform platform:read',
      '/v1/platform/audit/verify GET: platform platform:read',
      '/v1/platform/decisions/:requestId GET: platform platform:read',
      '/v1/platform/issuers GET: platform platform:read',
      '/v1/platform/issuers POST: platform platform:write',
      '/v1/platform/issuers/:platformIssuer DELETE: platform platform:write',
      '/v1/platform/issuers/:platformIssuer GET: platform platform:read',
      '/v1/platform/issuers/:platformIssuer PATCH: platform platform:write',
      '/v1/platform/issuers/:platformIssuer/disable POST: platform platform:write',
      '/v1/platform/issuers/:platformIssuer/enable POST: platform platform:write',
      '/v1/platform/issuers/:platformIssuer/keys/:kid/distrust POST: platform platform:write',
      '/v1/platform/issuers/:platformIssuer/keys/:kid/trust POST: platform platform:write',
      '/v1/platform/issuers/:platformIssuer/recheck POST: platform platform:write',
      '/v1/platform/issuers/:platformIssuer/verdicts GET: platform platform:read',
      '/v1/platform/issuers/diagnose POST: platform platform:write',
      '/v1/platform/permissions PUT: platform permissions:write',
      '/v1/platform/vault GET: platform platform:read',
      '/v1/platform/vault/rotate POST: platform platform:write',
      '/v1/signin/oidc/callback/:registration GET: public',
      '/v1/signin/oidc/start GET: public',
      '/v1/tenants GET: platform platform:read',
      '/v1/tenants POST: platform platform:write',
      '/v1/tenants/:tenant DELETE: platform platform:write',
      '/v1/tenants/:tenant GET: tenant tenant:read',
      '/v1/tenants/:tenant PATCH: tenant tenant:write',
      '/v1/tenants/:tenant/audit/checkpoints GET: tenant audit:read',
      '/v1/tenants/:tenant/audit/checkpoints POST: tenant audit:export',
      '/v1/tenants/:tenant/audit/erasures POST: tenant audit:write',
      '/v1/tenants/:tenant/audit/events GET: tenant audit:read',
      '/v1/tenants/:tenant/audit/events/:event GET: tenant audit:read',
      '/v1/tenants/:tenant/audit/events/:event/proof GET: tenant audit:read',
      '/v1/tenants/:tenant/audit/export GET: tenant audit:export',
      '/v1/tenants/:tenant/audit/retention GET: tenant audit:read',
      '/v1/tenants/:tenant/audit/retention PUT: tenant audit:write',
      '/v1/tenants/:tenant/audit/sinks GET: tenant audit:read',
      '/v1/tenants/:tenant/audit/sinks POST: tenant audit:write',
      '/v1/tenants/:tenant/audit/sinks/:sink DELETE: tenant audit:write',
      '/v1/tenants/:tenant/audit/sinks/:sink GET: tenant audit:read',
      '/v1/tenants/:tenant/audit/sinks/:sink PATCH: tenant audit:write',
      '/v1/tenants/:tenant/audit/sinks/:sink/dead-letters GET: tenant audit:read',
      '/v1/tenants/:tenant/audit/sinks/:sink/dead-letters/:letter/redeliver POST: tenant audit:write',
      '/v1/tenants/:tenant/audit/sinks/:sink/rotate POST: tenant audit:write',
      '/v1/tenants/:tenant/audit/sinks/:sink/test POST: tenant audit:write',
      '/v1/tenants/:tenant/audit/tail GET: tenant audit:read',
      '/v1/tenants/:tenant/audit/verify GET: tenant audit:read',
      '/v1/tenants/:tenant/break-glass GET: tenant audit:read',
      '/v1/tenants/:tenant/break-glass POST: platform platform:write',
      '/v1/tenants/:tenant/break-glass/:breakGlass GET: tenant audit:read',
      '/v1/tenants/:tenant/break-glass/:breakGlass/close POST: platform platform:write',
      '/v1/tenants/:tenant/decisions/:requestId GET: tenant audit:read',
      '/v1/tenants/:tenant/invitations GET: tenant members:read',
      '/v1/tenants/:tenant/invitations POST: tenant members:write',
      '/v1/tenants/:tenant/invitations/:invitation DELETE: tenant members:write',
      '/v1/tenants/:tenant/invitations/:invitation/resend POST: tenant members:write',
      '/v1/tenants/:tenant/issuers GET: tenant issuers:read',
      '/v1/tenants/:tenant/issuers POST: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer DELETE: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer GET: tenant issuers:read',
      '/v1/tenants/:tenant/issuers/:issuer PATCH: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer/approve POST: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer/disable POST: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer/enable POST: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer/keys/:kid/distrust POST: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer/keys/:kid/trust POST: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer/prove POST: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer/recheck POST: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer/sign-in DELETE: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer/sign-in PUT: tenant issuers:write',
      '/v1/tenants/:tenant/issuers/:issuer/verdicts GET: tenant issuers:read',
      '/v1/tenants/:tenant/issuers/diagnose POST: tenant issuers:write',
      '/v1/tenants/:tenant/members GET: tenant members:read',
      '/v1/tenants/:tenant/members POST: tenant members:write',
      '/v1/tenants/:tenant/members/:member DELETE: tenant members:write',
      '/v1/tenants/:tenant/members/:member GET: tenant members:read',
      '/v1/tenants/:tenant/members/:member PATCH: tenant members:write',
      '/v1/tenants/:tenant/members/:member/reactivate POST: tenant members:write',
      '/v1/tenants/:tenant/members/:member/suspend POST: tenant members:write',
      '/v1/tenants/:tenant/quotas GET: tenant quotas:read',
      '/v1/tenants/:tenant/quotas/:kind DELETE: tenant quotas:write',
      '/v1/tenants/:tenant/quotas/:kind GET: tenant quotas:read',
      '/v1/tenants/:tenant/quotas/:kind PUT: tenant quotas:write',
      '/v1/tenants/:tenant/quotas/consume POST: tenant quotas:consume',
      '/v1/tenants/:tenant/quotas/leases GET: tenant quotas:read',
      '/v1/tenants/:tenant/quotas/leases POST: tenant quotas:consume',
      '/v1/tenants/:tenant/quotas/leases/:lease DELETE: tenant quotas:consume',
      '/v1/tenants/:tenant/quotas/leases/:lease PUT: tenant quotas:consume',
      '/v1/tenants/:tenant/quotas/refund POST: tenant quotas:consume',
      '/v1/tenants/:tenant/resume POST: platform platform:write',
      '/v1/tenants/:tenant/roles GET: tenant roles:read',
      '/v1/tenants/:tenant/roles POST: tenant roles:write',
      '/v1/tenants/:tenant/roles/:role DELETE: tenant roles:write',
      '/v1/tenants/:tenant/roles/:role GET: tenant roles:read',
      '/v1/tenants/:tenant/roles/:role PATCH: tenant roles:write',
      '/v1/tenants/:tenant/secrets GET: tenant secrets:read',
      '/v1/tenants/:tenant/secrets/:secret DELETE: tenant secrets:write',
      '/v1/tenants/:tenant/secrets/:secret GET: tenant secrets:read',
      '/v1/tenants/:tenant/secrets/:secret PATCH: tenant secrets:write',
      '/v1/tenants/:tenant/secrets/:secret PUT: tenant secrets:write',
      '/v1/tenants/:tenant/secrets/:secret/rollback POST: tenant secrets:write',
      '/v1/tenants/:tenant/secrets/:secret/value GET: tenant secrets:reveal, or an engine by consent',
      '/v1/tenants/:tenant/secrets/:secret/versions/:version/destroy POST: tenant secrets:write',
      '/v1/tenants/:tenant/secrets/consents GET: tenant secrets:read',
      '/v1/tenants/:tenant/secrets/consents PUT: tenant secrets:write',
      '/v1/tenants/:tenant/secrets/reveal POST: tenant secrets:reveal, or an engine by consent',
      '/v1/tenants/:tenant/secrets/rewrap POST: tenant secrets:write',
      '/v1/tenants/:tenant/secrets/seal POST: tenant secrets:write',
      '/v1/tenants/:tenant/secrets/unseal POST: tenant secrets:unseal',
      '/v1/tenants/:tenant/service-accounts GET: tenant members:read',
      '/v1/tenants/:tenant/service-accounts POST: tenant credentials:write',
      '/v1/tenants/:tenant/service-accounts/:account DELETE: tenant credentials:write',
      '/v1/tenants/:tenant/service-accounts/:account GET: tenant members:read',
      '/v1/tenants/:tenant/service-accounts/:account PATCH: tenant credentials:write',
      '/v1/tenants/:tenant/service-accounts/:account/keys GET: tenant members:read',
      '/v1/tenants/:tenant/service-accounts/:account/keys POST: tenant credentials:write',
      '/v1/tenants/:tenant/service-accounts/:account/keys/:apiKey DELETE: tenant credentials:write',
      '/v1/tenants/:tenant/service-accounts/:account/reactivate POST: tenant credentials:write',
      '/v1/tenants/:tenant/service-accounts/:account/rotate POST: tenant credentials:write',
      '/v1/tenants/:tenant/service-accounts/:account/suspend POST: tenant credentials:write',
      '/v1/tenants/:tenant/suspend POST: platform platform:write',
      '/v1/tenants/:tenant/usage GET: tenant usage:read',
      '/v1/tenants/:tenant/usage/events POST: tenant usage:write',
      '/v1/tenants/:tenant/usage/meters GET: tenant usage:read',
      '/v1/tenants/:tenant/vault GET: tenant secrets:read',
      '/v1/tenants/:tenant/vault/certificates GET: tenant secrets:read',
      '/v1/tenants/:tenant/vault/shred POST: tenant secrets:unseal',
      '/v1/usage GET: platform platform:read',
    ]);
  });

  it('stops the boot where a route does not say it', async () => {
    const { api } = world;
    const application = AppModule.of({
      config: api.app.get(AppConfig),
      clock: api.app.get(Clock),
      masterKey: api.app.get(MasterKey),
      database: api.database,
      feed: api.feed,
      outbound: api.app.get(Outbound),
      txt: api.app.get(TxtResolver),
      mailer: api.mail,
    });
    const careless = { ...application, controllers: [CarelessController] };
    const app = await NestFactory.create(careless, new FastifyAdapter(), {
      logger: false,
      abortOnError: false,
    });

    const refusal = await app.init().catch((error: unknown) => error);
    await app.close();

    expect(refusal).toBeInstanceOf(RouteUndeclared);
    expect(refusal).toMatchObject({
      message: expect.stringMatching(/: CarelessController\.forgotten\.$/),
    });
  });

  describe('the tenant header of a platform actor', () => {
    const get = (path: string, headers: Readonly<Record<string, string>>): Promise<Answer> =>
      world.send({ method: 'GET', path, token: world.api.adminToken, headers });

    it('may say what the path says, and nothing else', async () => {
      const [acme, globex] = await Promise.all([world.createTenant(), world.createTenant()]);
      const path = `/v1/tenants/${acme.id}`;
      const statusUnder = async (tenant: string): Promise<unknown[]> => {
        const { status, json } = await get(path, { 'x-tenant-id': tenant });
        return [status, (json as { readonly code?: string }).code];
      };

      expect(await statusUnder(acme.id)).toEqual([200, undefined]);
      expect(await statusUnder(acme.slug)).toEqual([200, undefined]);
      for (const other of [globex.id, globex.slug, newId(), 'nobody', '']) {
        expect(await statusUnder(other)).toEqual([403, 'access.tenant_mismatch']);
      }
    });

    it('tells nobody whether a tenant exists', async () => {
      const { id } = await world.createTenant();
      const headers = { 'x-tenant-id': 'other', 'x-request-id': 'the-same-id' };

      const [known, unknown] = await Promise.all([
        get(`/v1/tenants/${id}`, headers),
        get(`/v1/tenants/${newId()}`, headers),
      ]);

      expect(known.status).toBe(403);
      expect(unknown.text).toBe(known.text);
    });

    it.each(['/v1/me', '/v1/tenants', '/v1/platform/audit/events'])(
      'is refused on %s, which has no tenant',
      async (path) => {
        const { id } = await world.createTenant();

        expect(await get(path, { 'x-tenant-id': id })).toMatchObject({
          status: 403,
          json: { code: 'access.tenant_mismatch' },
        });
      },
    );
  });
});
