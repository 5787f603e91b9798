import { createHash } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';

import { freePort } from './free-port.js';
import { type Answer, itemsOf, pointersOf, send, textOf } from './send.js';
import { type Api, startApi } from './start-api.js';
import { type VaultTenant, VaultWorld, type Voice } from './vault-world.js';
import { answeredWith } from './world.js';

const DAY_MS = 86_400_000;

type Engine = Awaited<ReturnType<VaultWorld['engine']>>;

describe('the vault of a tenant', () => {
  let vault: VaultWorld;
  let second: Api;
  let metricsPort: number;

  beforeAll(async () => {
    metricsPort = await freePort();
    vault = await VaultWorld.start({ settings: { METRICS_PORT: String(metricsPort) } });
    const { databaseUrl } = vault.world.api;
    second = await startApi({ databaseUrl, clock: vault.clock });
  });
  afterAll(async () => {
    await second.close();
    await vault.close();
  });

  const refusal = (status: number, code: string): object =>
    expect.objectContaining({ status, json: expect.objectContaining({ code }) });

  const save = async (
    { root, secrets }: VaultTenant,
    name: string,
    value: string,
    given: object = {},
  ): Promise<void> => {
    const { status } = await root.put(`${secrets}/${name}`, { value, ...given });
    expect([200, 201]).toContain(status);
  };

  /** The same token at the other node. */
  const elsewhere = (token: string): Voice => vault.voice(token, second.url);

  /** A token of a new service account, made by the tenant's own admin. */
  const service = async ({ at, root }: VaultTenant, role: string): Promise<string> => {
    const made = await root.post(`${at}/service-accounts`, { name: role, roles: [role] });
    return vault.tokenOf(answeredWith(201, made) as Engine);
  };

  const consent = ({ root, secrets }: VaultTenant, consents: readonly object[]): Promise<Answer> =>
    root.put(`${secrets}/consents`, consents);

  const deedsOf = async ({ root, at }: VaultTenant, deed: string) =>
    itemsOf(await root.get(`${at}/audit/events?deed=${deed}`));

  describe('opened to engines by consent', () => {
    let tenant: VaultTenant;
    let engine: Engine;
    let suspended: Engine;

    beforeAll(async () => {
      tenant = await vault.tenant();
      engine = await vault.engine();
      suspended = await vault.engine();
      answeredWith(200, await vault.platform.post(`/v1/platform/admins/${suspended.id}/suspend`));
      const names = ['erp', 'erp.password', 'erp2.password', 'Erp.password', 'a_b.key', 'axb.key'];
      for (const name of names) await save(tenant, name, `canary-${name}`);
    });

    const asked = (name: string): Promise<Answer> =>
      vault.voice(engine.token).get(`${tenant.secrets}/${name}/value`);

    /** Which of these the engine is answered. */
    const reached = async (names: readonly string[]): Promise<string[]> => {
      const answers = await Promise.all(names.map(asked));
      return names.filter((_, index) => answers[index]?.status === 200);
    };

    const everything = ['erp', 'erp.password', 'erp2.password', 'Erp.password', 'a_b.key'];

    it('shows an engine nothing before, and what begins alike, letter by letter, after', async () => {
      expect(await reached(everything)).toEqual([]);

      const given = await consent(tenant, [
        { serviceAccount: engine.clientId, namePrefix: 'erp.' },
      ]);

      expect(given).toMatchObject({ status: 200, json: { nextCursor: null } });
      expect(itemsOf(given)).toEqual([
        {
          serviceAccount: engine.clientId,
          accountId: engine.id,
          namePrefix: 'erp.',
          givenBy: expect.any(String),
          createdAt: expect.any(String),
        },
      ]);
      expect(await tenant.root.get(`${tenant.secrets}/consents`)).toMatchObject({
        status: 200,
        json: given.json,
      });
      expect(await reached(everything)).toEqual(['erp.password']);
      expect(await asked('erp.never-was')).toEqual(refusal(404, 'secrets.not_found'));
      const [batch, partly] = await Promise.all(
        [['erp.password'], ['erp.password', 'erp']].map((names) =>
          vault.voice(engine.token).post(`${tenant.secrets}/reveal`, { names }),
        ),
      );
      expect(batch).toMatchObject({ status: 200 });
      expect(partly).toEqual(refusal(403, 'secrets.consent_missing'));
    });

    it('takes a prefix for letters alone, and the engine by its id too', async () => {
      await consent(tenant, [
        { serviceAccount: engine.id, namePrefix: 'a_b' },
        { serviceAccount: engine.id, namePrefix: 'erp' },
      ]);

      expect(await reached([...everything, 'axb.key'])).toEqual([
        'erp',
        'erp.password',
        'erp2.password',
        'a_b.key',
      ]);
    });

    it('answers alike for a secret that exists and one that never was, without consent', async () => {
      await consent(tenant, []);

      const [there, never] = await Promise.all(['erp.password', 'never-was'].map(asked));

      expect(there).toEqual(refusal(403, 'secrets.consent_missing'));
      const told = ({ json }: Answer): object => ({ ...(json as object), requestId: null });
      expect(there && told(there)).toEqual(never && told(never));
    });

    it('is closed at once on every node when consent is withdrawn, and to other engines always', async () => {
      await consent(tenant, [{ serviceAccount: engine.clientId, namePrefix: 'erp.' }]);
      const path = `${tenant.secrets}/erp.password/value`;
      expect(await elsewhere(engine.token).get(path)).toMatchObject({
        status: 200,
        json: { value: 'canary-erp.password' },
      });
      const other = await vault.engine();
      expect(await elsewhere(other.token).get(path)).toEqual(
        refusal(403, 'secrets.consent_missing'),
      );

      await consent(tenant, []);

      expect(await elsewhere(engine.token).get(path)).toEqual(
        refusal(403, 'secrets.consent_missing'),
      );
    });

    it('is closed to engines too while the tenant is suspended', async () => {
      const tenant = await vault.tenant();
      const engine = await vault.engine();
      await tenant.root.put(`${tenant.secrets}/erp.a`, { value: 'canary-of-suspension' });
      await tenant.root.put(`${tenant.secrets}/consents`, [
        { serviceAccount: engine.clientId, namePrefix: 'erp.' },
      ]);
      const reveal = (): Promise<Answer> =>
        vault.voice(engine.token).get(`${tenant.secrets}/erp.a/value`);
      expect(await reveal()).toMatchObject({ status: 200 });

      await vault.platform.post(`${tenant.at}/suspend`, { reason: 'Unpaid.' });

      expect(await reveal()).toMatchObject({ status: 403, json: { code: 'tenants.suspended' } });
    });

    it('takes consent of whoever may reveal themselves, and of nobody else', async () => {
      const fresh = await vault.tenant();
      const wanted = [{ serviceAccount: engine.clientId, namePrefix: 'erp.' }];
      const put = (voice: Voice, consents: object[]): Promise<Answer> =>
        voice.put(`${fresh.secrets}/consents`, consents);
      const builder = vault.voice(await service(fresh, 'builder'));
      const viewer = vault.voice(await service(fresh, 'viewer'));
      answeredWith(200, await consent(fresh, wanted));

      for (const consents of [[], [...wanted, { ...wanted[0], namePrefix: 'x' }]]) {
        expect(await put(builder, consents)).toEqual(refusal(403, 'members.escalation'));
        expect(await put(vault.platform, consents)).toEqual(refusal(403, 'access.tenant_claimed'));
        expect(await put(viewer, consents)).toEqual(refusal(403, 'access.permission_missing'));
        expect(await put(vault.voice(engine.token), consents)).toEqual(
          refusal(403, 'access.permission_missing'),
        );
      }

      expect(itemsOf(await builder.get(`${fresh.secrets}/consents`))).toHaveLength(1);
      const unclaimed = await vault.world.createTenant();
      const path = `/v1/tenants/${unclaimed.id}/secrets/consents`;
      expect(await vault.platform.put(path, wanted)).toMatchObject({ status: 200 });
    });

    it.each<[string, (names: Names) => object, string, string]>([
      ['an object', () => ({ items: [] }), 'request.invalid', ''],
      ['a field too many', (n) => [{ ...n.good, all: true }], 'request.invalid', '/0/all'],
      ['null', () => [null], 'request.invalid', '/0'],
      [
        'an empty prefix',
        (n) => [{ ...n.good, namePrefix: '' }],
        'request.invalid',
        '/0/namePrefix',
      ],
      ['a pattern', (n) => [{ ...n.good, namePrefix: 'a%' }], 'request.invalid', '/0/namePrefix'],
      [
        'a long prefix',
        (n) => [{ ...n.good, namePrefix: 'a'.repeat(129) }],
        'request.invalid',
        '/0/namePrefix',
      ],
      [
        'the same twice, by id and by client id',
        (n) => [n.good, { ...n.good, namePrefix: 'y' }, { ...n.good, serviceAccount: n.id }],
        'request.invalid',
        '/2',
      ],
      [
        'more than two hundred',
        (n) => Array.from({ length: 201 }, (_, at) => ({ ...n.good, namePrefix: `p${at}` })),
        'request.invalid',
        '',
      ],
      [
        'nobody',
        (n) => [n.good, { ...n.good, serviceAccount: 'nobody' }],
        'secrets.consent_account_unknown',
        '/1/serviceAccount',
      ],
      [
        'a platform admin',
        (n) => [{ ...n.good, serviceAccount: 'test-admin' }],
        'secrets.consent_account_unknown',
        '/0/serviceAccount',
      ],
      [
        'an engine that was suspended',
        (n) => [{ ...n.good, serviceAccount: n.suspended }],
        'secrets.consent_account_unknown',
        '/0/serviceAccount',
      ],
    ])('refuses %s', async (_, body, code, pointer) => {
      const good = { serviceAccount: engine.clientId, namePrefix: 'x' };

      const answer = await tenant.root.put(
        `${tenant.secrets}/consents`,
        body({ good, id: engine.id, suspended: suspended.clientId }),
      );

      expect(answer).toEqual(refusal(422, code));
      expect(pointersOf(answer)).toEqual([pointer]);
    });

    it('puts on record what changed, and a repetition not at all', async () => {
      const fresh = await vault.tenant();
      const told = (namePrefix: string): object => ({
        accountId: engine.id,
        serviceAccount: engine.clientId,
        namePrefix,
      });
      const wanted = [
        { serviceAccount: engine.clientId, namePrefix: 'a.' },
        { serviceAccount: engine.clientId, namePrefix: 'b.' },
      ];
      const first = await consent(fresh, wanted);
      const again = await consent(fresh, wanted.toReversed());
      await consent(fresh, wanted.slice(1));

      expect(again.json).toEqual(first.json);
      expect((await deedsOf(fresh, 'secret.consents_changed')).toReversed()).toMatchObject([
        { changes: { consents: { before: [], after: [told('a.'), told('b.')] } } },
        { changes: { consents: { before: [told('a.'), told('b.')], after: [told('b.')] } } },
      ]);
    });

    it('ends with what one of two has asked for who replace it at once', async () => {
      const fresh = await vault.tenant();
      const wanted = ['a', 'b', 'c', 'd'].map((letter) =>
        ['1', '2'].map((number) => ({
          serviceAccount: engine.clientId,
          namePrefix: letter + number,
        })),
      );

      const answers = await Promise.all(wanted.map((consents) => consent(fresh, consents)));

      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      const left = itemsOf(await fresh.root.get(`${fresh.secrets}/consents`));
      const prefixes = left.map(({ namePrefix }) => String(namePrefix));
      expect(wanted.map((consents) => consents.map(({ namePrefix }) => namePrefix))).toContainEqual(
        prefixes,
      );
    });
  });

  describe('sealed by the tenant', () => {
    it('is closed to everybody on every node at once, and nobody but the tenant opens it', async () => {
      const tenant = await vault.tenant();
      const engine = await vault.engine();
      const reader = await service(tenant, 'tenant-admin');
      const builder = vault.voice(await service(tenant, 'builder'));
      const path = `${tenant.secrets}/erp.password`;
      await save(tenant, 'erp.password', 'canary-of-seals');
      await consent(tenant, [{ serviceAccount: engine.clientId, namePrefix: 'erp.' }]);
      const reveals = async (): Promise<unknown[]> => {
        const tokens = [reader, engine.token];
        const voices = tokens.flatMap((token) => [vault.voice(token), elsewhere(token)]);
        const answers = await Promise.all(voices.map((voice) => voice.get(`${path}/value`)));
        return answers.map(({ status, json }) => [status, (json as { code?: string }).code]);
      };
      const refused = [403, 'secrets.sealed'];
      expect(await reveals()).toEqual(Array(4).fill([200, undefined]));

      const sealed = await builder.post(`${tenant.secrets}/seal`, { reason: 'A lost laptop.' });

      expect(sealed).toMatchObject({
        status: 200,
        json: { state: 'sealed', sealedAt: expect.any(String), sealReason: 'A lost laptop.' },
      });
      expect(await reveals()).toEqual(Array(4).fill(refused));
      expect(await vault.voice(reader).post(`${tenant.secrets}/reveal`, { names: ['x'] })).toEqual(
        refusal(403, 'secrets.sealed'),
      );
      expect(await tenant.root.get(path)).toMatchObject({ status: 200, json: { version: 1 } });
      expect(await tenant.root.put(path, { value: 'second' })).toMatchObject({ status: 200 });
      for (const voice of [vault.platform, builder, vault.voice(engine.token)]) {
        expect(await voice.post(`${tenant.secrets}/unseal`)).toEqual(
          refusal(403, 'access.permission_missing'),
        );
      }
      expect(await reveals()).toEqual(Array(4).fill(refused));

      const again = await tenant.root.post(`${tenant.secrets}/seal`, { reason: 'Another one.' });
      expect(again).toMatchObject({ status: 200, json: { sealReason: 'A lost laptop.' } });
      expect(await tenant.root.post(`${tenant.secrets}/unseal`)).toMatchObject({
        status: 200,
        json: { state: 'open', sealedAt: null, sealedBy: null, sealReason: null },
      });
      expect(await tenant.root.post(`${tenant.secrets}/unseal`)).toMatchObject({ status: 200 });

      expect(await reveals()).toEqual(Array(4).fill([200, undefined]));
      expect(await deedsOf(tenant, 'vault.sealed')).toMatchObject([
        { reason: 'A lost laptop.', target: { kind: 'vault', id: tenant.id } },
      ]);
      expect(await deedsOf(tenant, 'vault.unsealed')).toHaveLength(1);
    });
  });

  describe('shredded', () => {
    const shred = (voice: Voice, { at, slug }: VaultTenant, given: object = {}): Promise<Answer> =>
      voice.post(`${at}/vault/shred`, { confirm: slug, ...given });

    /** What the certificate states, once its signature was checked against the published keys. */
    const verified = async (certificate: string) => {
      const { json } = await send(vault.world.api.url, {
        method: 'GET',
        path: '/.well-known/jwks.json',
      });
      const keys = json as JSONWebKeySet;
      const { payload, protectedHeader } = await compactVerify(
        certificate,
        createLocalJWKSet(keys),
      );
      const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
      return { header: protectedHeader, claims, keys };
    };

    const rowsOf = ({ id }: VaultTenant) =>
      vault.superuser.query<{ id: string; kek_id: string; canary: Buffer; wrapped: unknown }>(
        'select id, kek_id, canary, wrapped from data_keys where tenant_id = $1 order by id',
        [id],
      );

    it('leaves nothing of any value on any node, and a certificate that says so', async () => {
      const tenant = await vault.tenant();
      await save(tenant, 'one', 'canary-one');
      await save(tenant, 'one', 'canary-one-again');
      await save(tenant, 'two', 'canary-two');
      const here = tenant.root;
      const there = elsewhere(await service(tenant, 'tenant-admin'));
      const paths = ['one/value', 'one/value?version=1', 'two/value'];
      const reveals = (): Promise<Answer[]> =>
        Promise.all(
          [here, there].flatMap((voice) =>
            paths.map((path) => voice.get(`${tenant.secrets}/${path}`)),
          ),
        );
      expect((await reveals()).map(({ status }) => status)).toEqual(Array(6).fill(200));
      const [key] = await rowsOf(tenant);

      const answer = await shred(here, tenant, { reason: 'The contract has ended.' });

      const { id, certificate } = answeredWith(200, answer) as {
        readonly id: string;
        readonly certificate: string;
      };
      expect(await reveals()).toEqual(Array(6).fill(refusal(404, 'secrets.destroyed')));
      const { header, claims, keys } = await verified(certificate);
      expect(header).toMatchObject({ alg: 'EdDSA', typ: 'shred-certificate+jwt' });
      expect(keys.keys).toContainEqual(header.jwk);
      expect(claims).toEqual({
        iss: 'http://tenantry.test',
        sub: tenant.id,
        slug: tenant.slug,
        iat: expect.any(Number),
        jti: id,
        kid: header.kid,
        reason: 'The contract has ended.',
        shreddedBy: expect.any(String),
        keys: [
          {
            id: key?.id,
            kekId: key?.kek_id,
            createdAt: expect.any(String),
            canarySha256: createHash('sha256')
              .update(key?.canary ?? '')
              .digest('hex'),
            openedBefore: true,
            opensAfter: false,
          },
        ],
        valuesDestroyed: 3,
      });
      expect(key?.wrapped).not.toBeNull();
      expect(await rowsOf(tenant)).toEqual([{ ...key, wrapped: null }]);
      expect(await deedsOf(tenant, 'vault.shredded')).toMatchObject([
        {
          reason: 'The contract has ended.',
          changes: { keyIds: { before: [key?.id] }, valuesDestroyed: { after: 3 } },
        },
      ]);
    });

    it('takes new values under a new key, and brings none of the old ones back', async () => {
      const tenant = await vault.tenant();
      await save(tenant, 'one', 'old');
      answeredWith(200, await shred(tenant.root, tenant));

      await save(tenant, 'one', 'new');

      const path = `${tenant.secrets}/one`;
      expect(await tenant.root.get(`${path}/value`)).toMatchObject({ json: { value: 'new' } });
      for (const answer of [
        await tenant.root.get(`${path}/value?version=1`),
        await tenant.root.post(`${path}/rollback`, { version: 1 }),
      ]) {
        expect(answer).toEqual(refusal(404, 'secrets.destroyed'));
      }
      expect(await tenant.root.get(path)).toMatchObject({
        json: {
          versions: [
            { version: 2, destroyedAt: null },
            { version: 1, destroyedAt: expect.any(String) },
          ],
        },
      });
      expect(await tenant.root.get(`${tenant.at}/vault`)).toMatchObject({
        json: {
          keys: [
            { state: 'active', endedAt: null },
            { state: 'shredded', endedAt: expect.any(String) },
          ],
        },
      });
      const again = await shred(tenant.root, tenant);
      expect((await verified(textOf(again, 'certificate'))).claims).toMatchObject({
        valuesDestroyed: 1,
        keys: [{ openedBefore: true }],
      });
      const pages = `${tenant.at}/vault/certificates?limit=1`;
      const newest = await tenant.root.get(pages);
      const oldest = await tenant.root.get(`${pages}&cursor=${textOf(newest, 'nextCursor')}`);
      expect(itemsOf(newest)).toEqual([again.json]);
      expect(oldest).toMatchObject({ status: 200, json: { nextCursor: null } });
      expect(itemsOf(oldest)).toHaveLength(1);
    });

    it('asks for the slug, for somebody who may, and for something to destroy', async () => {
      const tenant = await vault.tenant();
      expect(await shred(tenant.root, tenant)).toEqual(refusal(409, 'vault.nothing_to_shred'));
      await save(tenant, 'one', 'canary-of-mistakes');
      const builder = vault.voice(await service(tenant, 'builder'));

      const wrong = await shred(tenant.root, tenant, { confirm: tenant.id });

      expect(wrong).toEqual(refusal(422, 'request.invalid'));
      expect(pointersOf(wrong)).toEqual(['/confirm']);
      for (const voice of [vault.platform, builder]) {
        expect(await shred(voice, tenant)).toEqual(refusal(403, 'access.permission_missing'));
      }
      expect(await tenant.root.get(`${tenant.secrets}/one/value`)).toMatchObject({ status: 200 });
      expect(itemsOf(await tenant.root.get(`${tenant.at}/vault/certificates`))).toEqual([]);
    });

    it('certifies nothing that anybody could come in with', async () => {
      const tenant = await vault.tenant();
      await save(tenant, 'one', 'x');
      const token = textOf(await shred(tenant.root, tenant), 'certificate');
      const engine = await vault.engine();

      expect(await vault.voice(token).get('/v1/me')).toEqual(refusal(401, 'access.token_invalid'));
      expect(await vault.voice(token).get(tenant.secrets)).toEqual(
        refusal(401, 'access.token_invalid'),
      );
      const introspected = await send(vault.world.api.url, {
        method: 'POST',
        path: '/oauth/introspect',
        token: engine.token,
        raw: new URLSearchParams({ token }),
      });
      expect(introspected).toMatchObject({ status: 200, json: { active: false } });
    });
  });

  describe('measured', () => {
    const measured = async (): Promise<ReadonlyMap<string, number>> => {
      const text = await fetch(`http://127.0.0.1:${metricsPort}/metrics`).then((a) => a.text());
      const lines = text.split('\n').filter((line) => /^tenantry_(?:secret|vault)/.test(line));
      return new Map(
        lines.map((line) => {
          const [name = '', value] = line.split(' ');
          return [name, Number(value)];
        }),
      );
    };

    it('counts what is due, what was revealed and what was not, and keys that were unwrapped', async () => {
      const tenant = await vault.tenant();
      const inDays = (days: number): string =>
        new Date(vault.clock.now().getTime() + days * DAY_MS).toISOString();
      await save(tenant, 'far', 'x', { expiresAt: inDays(15), rotateAfterDays: 1 });
      await save(tenant, 'soon', 'x', { expiresAt: inDays(13) });
      await save(tenant, 'sooner', 'x', { expiresAt: inDays(1) });
      await save(tenant, 'late', 'x', { expiresAt: inDays(1), rotateAfterDays: 1 });
      await vault.superuser.query(
        `update secrets set rotation_due_at = now() - interval '1 minute'
         where tenant_id = $1 and name = 'late'`,
        [tenant.id],
      );
      const before = await measured();
      await tenant.root.get(`${tenant.secrets}/soon/value`);
      await tenant.root.get(`${tenant.secrets}/never-was/value`);
      await vault.platform.get('/readyz');
      const after = await measured();

      const grown = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
      expect(after.get('tenantry_secrets_due{state="expiring"}')).toBe(2);
      expect(after.get('tenantry_secrets_due{state="rotation_due"}')).toBe(1);
      expect(after.get('tenantry_secrets_due{state="expired"}')).toBe(0);
      expect(grown('tenantry_secret_reveals_total{outcome="revealed"}')).toBe(1);
      expect(grown('tenantry_secret_reveals_total{outcome="refused"}')).toBe(1);
      expect(after.get('tenantry_vault_open')).toBe(1);
      expect(after.get('tenantry_vault_unwraps_total')).toBeGreaterThan(0);
    });
  });
});

interface Names {
  readonly good: { readonly serviceAccount: string; readonly namePrefix: string };
  readonly id: string;
  readonly suspended: string;
}
