import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Refusals } from '@tenantry/audit';
import type { IdentityProvider } from '@tenantry/testing';
import { itemsOf, pointersOf, send, textOf } from './send.js';
import { type VaultTenant, VaultWorld } from './vault-world.js';
import { answeredWith } from './world.js';

interface Shown {
  readonly version: number;
  readonly revision: number;
  readonly state: string;
  readonly versions: readonly {
    readonly version: number;
    readonly destroyedAt: string | null;
    readonly restoredFrom: number | null;
  }[];
}

const KIB_64 = 65_536;
const DAY_SECONDS = 86_400;

describe('secrets', () => {
  let vault: VaultWorld;
  let tenant: VaultTenant;

  beforeAll(async () => {
    vault = await VaultWorld.start();
    tenant = await vault.tenant();
  });
  afterAll(() => vault.close());

  const save = async (name: string, value: unknown, given: object = {}): Promise<Shown> => {
    const answer = await tenant.root.put(`${tenant.secrets}/${name}`, { value, ...given });
    return answeredWith(answer.status === 201 ? 201 : 200, answer) as Shown;
  };

  const reveal = async (name: string, version?: number): Promise<unknown> => {
    const query = version === undefined ? '' : `?version=${version}`;
    const answer = await tenant.root.get(`${tenant.secrets}/${name}/value${query}`);
    return answeredWith(200, answer);
  };

  const refusal = (status: number, code: string): object =>
    expect.objectContaining({ status, json: expect.objectContaining({ code }) });

  const shown = async (name: string): Promise<Shown> =>
    answeredWith(200, await tenant.root.get(`${tenant.secrets}/${name}`)) as Shown;

  describe('saved and revealed', () => {
    it('answers a new secret with 201, its place and its ETag, and never its value', async () => {
      const answer = await tenant.root.put(`${tenant.secrets}/erp.password`, {
        value: 'canary-of-saving',
        labels: { adapter: 'erp' },
      });

      expect(answer.status).toBe(201);
      expect(answer.headers['location']).toBe(`${tenant.secrets}/erp.password`);
      expect(answer.headers['etag']).toBe('"1"');
      expect(answer.json).toMatchObject({
        name: 'erp.password',
        version: 1,
        state: 'current',
        labels: { adapter: 'erp' },
      });
      expect(answer.text).not.toContain('canary');
    });

    it('answers the next value with 200 as the next version; the older one can still be read', async () => {
      await save('next', 'first');
      const answer = await tenant.root.put(`${tenant.secrets}/next`, { value: 'second' });

      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject({ version: 2, revision: 2 });
      expect(await reveal('next')).toEqual({ name: 'next', version: 2, value: 'second' });
      expect(await reveal('next', 1)).toEqual({ name: 'next', version: 1, value: 'first' });
    });

    it('is not to be cached where it was revealed', async () => {
      await save('uncached', 'x');

      const answer = await tenant.root.get(`${tenant.secrets}/uncached/value`);

      expect(answer.headers['cache-control']).toBe('no-store');
    });

    it.each([
      ['a text of 64 KiB', 'a'.repeat(KIB_64)],
      ['a text of many scripts', 'pässwörd – 密码 – 🗝️\n\t"'],
      ['bytes of 64 KiB', { base64: Buffer.alloc(KIB_64, 0xfe).toString('base64') }],
      ['one byte', { base64: 'AA==' }],
    ])('gives back %s as it was saved', async (_, value) => {
      const { version } = await save('kinds', value);

      expect(await reveal('kinds')).toEqual({ name: 'kinds', version, value });
    });

    it('takes bytes and text for two kinds of the same value', async () => {
      await save('kind', { base64: Buffer.from('text').toString('base64') });

      expect(await reveal('kind')).toMatchObject({ value: { base64: 'dGV4dA==' } });
    });

    it('keeps the last hundred versions', async () => {
      for (let version = 1; version <= 101; version += 1) await save('often', `v${version}`);

      expect((await shown('often')).versions.map(({ version }) => version)).toEqual(
        Array.from({ length: 100 }, (_, index) => 101 - index),
      );
      expect(await tenant.root.get(`${tenant.secrets}/often/value?version=1`)).toEqual(
        refusal(404, 'secrets.version_not_found'),
      );
      const trail = await tenant.root.get(`${tenant.at}/audit/events?deed=secret.saved&limit=1`);
      expect(itemsOf(trail)).toEqual([
        expect.objectContaining({
          changes: expect.objectContaining({ destroyedVersion: { before: 1 } }),
        }),
      ]);
    });
  });

  describe('refused as it was sent', () => {
    it.each([
      ['no value', {}],
      ['an empty text', { value: '' }],
      ['no bytes', { value: { base64: '' } }],
      ['a text of more than 64 KiB', { value: 'a'.repeat(KIB_64 + 1) }],
      ['a short text that is long in bytes', { value: '€'.repeat(22_000) }],
      ['bytes beyond 64 KiB', { value: { base64: Buffer.alloc(KIB_64 + 1).toString('base64') } }],
      ['what is not base64', { value: { base64: 'not base64!' } }],
      ['base64 for URLs', { value: { base64: '-_8=' } }],
      ['both', { value: { base64: 'AA==', text: 'a' } }],
      ['half a character', { value: 'a\ud800' }],
      ['a number', { value: 7 }],
      ['null', { value: null }],
      ['a list', { value: ['a'] }],
    ])('%s', async (_, body) => {
      const answer = await tenant.root.put(`${tenant.secrets}/malformed`, body);

      expect(answer).toEqual(refusal(422, 'request.invalid'));
      expect(pointersOf(answer)).toEqual(['/value']);
    });

    it.each([
      ['an end in the past', { expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
      ['an end that is no moment', { expiresAt: 'tomorrow' }, '/expiresAt'],
      ['an end beyond all years', { expiresAt: '+012000-01-01T00:00:00Z' }, '/expiresAt'],
      ['no days at all', { rotateAfterDays: 0 }, '/rotateAfterDays'],
      ['half a day', { rotateAfterDays: 0.5 }, '/rotateAfterDays'],
      ['labels that are none', { labels: ['a'] }, '/labels'],
      ['what is no field', { note: 'a' }, '/note'],
    ])('%s', async (_, given, pointer) => {
      const answer = await tenant.root.put(`${tenant.secrets}/malformed`, { value: 'a', ...given });

      expect(answer).toEqual(refusal(422, 'request.invalid'));
      expect(pointersOf(answer)).toEqual([pointer]);
    });

    it.each(['.hidden', 'a..b', '-a', 'a%20b', 'a%2Fb', 'ä', 'a'.repeat(129), 'a%00'])(
      'the name %s',
      async (name) => {
        const answer = await tenant.root.put(`${tenant.secrets}/${name}`, { value: 'a' });

        expect([404, 422]).toContain(answer.status);
        expect(answer.text).not.toContain('version');
      },
    );

    it('leaves nothing behind', async () => {
      expect(await tenant.root.get(`${tenant.secrets}/malformed`)).toEqual(
        refusal(404, 'secrets.not_found'),
      );
    });
  });

  describe('compared and set', () => {
    it('refuses a value for a revision that is not the current one', async () => {
      await save('cas', 'one');
      const path = `${tenant.secrets}/cas`;

      expect(await tenant.root.put(path, { value: 'two' }, { 'if-match': '"1"' })).toMatchObject({
        status: 200,
      });
      expect(await tenant.root.put(path, { value: 'three' }, { 'if-match': '"1"' })).toEqual(
        refusal(412, 'request.revision_stale'),
      );
      expect(await reveal('cas')).toMatchObject({ version: 2, value: 'two' });
    });

    it('refuses any revision of what is not there', async () => {
      const headers = { 'if-match': '*' };

      expect(await tenant.root.put(`${tenant.secrets}/none`, { value: 'a' }, headers)).toEqual(
        refusal(412, 'request.revision_stale'),
      );
    });

    it('creates only, where that is asked', async () => {
      const path = `${tenant.secrets}/once`;
      const headers = { 'if-none-match': '*' };

      expect(await tenant.root.put(path, { value: 'a' }, headers)).toMatchObject({ status: 201 });
      expect(await tenant.root.put(path, { value: 'b' }, headers)).toEqual(
        refusal(412, 'secrets.exists'),
      );
      expect(await tenant.root.put(path, { value: 'b' }, { 'if-none-match': '"1"' })).toEqual(
        refusal(400, 'request.if_none_match_malformed'),
      );
      expect(await reveal('once')).toMatchObject({ version: 1, value: 'a' });
    });

    it('lets one of twenty win who save upon the same revision at once', async () => {
      await save('race', 'start');
      const tries = Array.from({ length: 20 }, (_, index) =>
        tenant.root.put(`${tenant.secrets}/race`, { value: `v${index}` }, { 'if-match': '"1"' }),
      );

      const statuses = (await Promise.all(tries)).map(({ status }) => status);

      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 412)).toHaveLength(19);
      expect(await shown('race')).toMatchObject({ version: 2, revision: 2 });
    });

    it('lets one of twenty create, who create only', async () => {
      const tries = Array.from({ length: 20 }, (_, index) =>
        tenant.root.put(
          `${tenant.secrets}/new-race`,
          { value: `v${index}` },
          { 'if-none-match': '*' },
        ),
      );

      const statuses = (await Promise.all(tries)).map(({ status }) => status);

      expect(statuses.filter((status) => status === 201)).toHaveLength(1);
      expect(statuses.filter((status) => status === 412)).toHaveLength(19);
      expect(await shown('new-race')).toMatchObject({ version: 1 });
    });

    it('makes a version of each of twenty who save without a condition, the first ones of all', async () => {
      const fresh = await vault.tenant();
      const tries = Array.from({ length: 20 }, (_, index) =>
        fresh.root.put(`${fresh.secrets}/all`, { value: `v${index}` }),
      );

      const saved = (await Promise.all(tries)).map(({ json }) => (json as Shown).version);

      expect(saved.toSorted((one, other) => one - other)).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
      const keys = await vault.superuser.query('select id from data_keys where tenant_id = $1', [
        fresh.id,
      ]);
      expect(keys).toHaveLength(1);
    });
  });

  describe('what is said of them', () => {
    it('lists by name, without values, page by page', async () => {
      const fresh = await vault.tenant();
      for (const name of ['b', 'a.2', 'a.1', 'B', 'a_1']) {
        await fresh.root.put(`${fresh.secrets}/${name}`, { value: 'canary-of-lists' });
      }

      const first = await fresh.root.get(`${fresh.secrets}?limit=3`);
      const next = textOf(first, 'nextCursor');
      const second = await fresh.root.get(`${fresh.secrets}?limit=3&cursor=${next}`);

      expect(itemsOf(first).map(({ name }) => name)).toEqual(['B', 'a.1', 'a.2']);
      expect(itemsOf(second).map(({ name }) => name)).toEqual(['a_1', 'b']);
      expect(first.text + second.text).not.toContain('canary');
    });

    it('lists what begins alike, to the letter', async () => {
      const fresh = await vault.tenant();
      for (const name of ['erp.a', 'erp.z', 'erpx', 'ERP.a', 'erq']) {
        await fresh.root.put(`${fresh.secrets}/${name}`, { value: 'v', labels: { of: name } });
      }
      const names = async (query: string): Promise<unknown[]> =>
        itemsOf(await fresh.root.get(`${fresh.secrets}?${query}`)).map(({ name }) => name);

      expect(await names('prefix=erp.')).toEqual(['erp.a', 'erp.z']);
      expect(await names('prefix=erp')).toEqual(['erp.a', 'erp.z', 'erpx']);
      expect(await names('label=of:erpx')).toEqual(['erpx']);
      expect(await names('label=of&prefix=ERP')).toEqual(['ERP.a']);
    });

    it('keeps labels and reminder with the next value, and not its end', async () => {
      const expiresAt = new Date(Date.now() + DAY_SECONDS * 1_000).toISOString();
      await save('kept', 'one', { labels: { a: 'b' }, rotateAfterDays: 30, expiresAt });

      expect(await save('kept', 'two')).toMatchObject({
        labels: { a: 'b' },
        rotateAfterDays: 30,
        expiresAt: null,
      });
    });

    it('changes what is said without a new version', async () => {
      await save('said', 'one');
      const path = `${tenant.secrets}/said`;

      const changed = await tenant.root.ask('PATCH', path, { labels: { x: 'y' } });

      expect(changed).toMatchObject({ status: 200, json: { version: 1, revision: 2 } });
      expect(changed.json).toMatchObject({ labels: { x: 'y' } });
      for (const nothing of [{}, { labels: { x: 'y' } }, { expiresAt: null }]) {
        expect(await tenant.root.ask('PATCH', path, nothing)).toMatchObject({
          status: 200,
          json: { revision: 2 },
        });
      }
      expect(
        await tenant.root.ask('PATCH', path, { rotateAfterDays: 5 }, { 'if-match': '"1"' }),
      ).toEqual(refusal(412, 'request.revision_stale'));
    });

    it('says what is due of each, and counts from when the value was saved', async () => {
      const inDays = (days: number): string =>
        new Date(vault.clock.now().getTime() + days * DAY_SECONDS * 1_000).toISOString();
      const fresh = await vault.tenant();
      const put = (name: string, given: object): Promise<unknown> =>
        fresh.root.put(`${fresh.secrets}/${name}`, { value: 'v', ...given });
      await put('calm', { expiresAt: inDays(90), rotateAfterDays: 90 });
      await put('soon', { expiresAt: inDays(10) });
      await put('late', { rotateAfterDays: 2 });
      const names = async (state: string): Promise<unknown[]> =>
        itemsOf(await fresh.root.get(`${fresh.secrets}?state=${state}`)).map(({ name }) => name);

      expect(await names('current')).toEqual(['calm', 'late']);
      expect(await names('expiring')).toEqual(['soon']);

      await vault.superuser.query(
        `update secrets set rotation_due_at = rotation_due_at - interval '3 days'
         where tenant_id = $1`,
        [fresh.id],
      );
      expect(await names('rotation_due')).toEqual(['late']);

      await fresh.root.ask('PATCH', `${fresh.secrets}/late`, { rotateAfterDays: 1 });
      expect(await names('rotation_due')).toEqual([]);
    });

    it('reveals nothing that has expired, and brings it back by no rollback', async () => {
      const expiresAt = new Date(vault.clock.now().getTime() + 60_000).toISOString();
      await save('ends', 'one', { expiresAt });
      await save('ends', 'two', { expiresAt });
      vault.clock.advanceSeconds(61);
      try {
        const path = `${tenant.secrets}/ends`;

        expect(await tenant.root.get(`${path}/value`)).toEqual(refusal(404, 'secrets.expired'));
        expect(await tenant.root.post(`${path}/rollback`, { version: 1 })).toEqual(
          refusal(404, 'secrets.expired'),
        );
        expect(await tenant.root.ask('PATCH', path, { expiresAt: null })).toEqual(
          refusal(404, 'secrets.expired'),
        );
        expect(await shown('ends')).toMatchObject({ state: 'expired', version: 2 });
        expect(await save('ends', 'three')).toMatchObject({ state: 'current', version: 3 });
        expect(await reveal('ends')).toMatchObject({ value: 'three' });
      } finally {
        vault.clock.reset();
      }
    });
  });

  describe('taken away', () => {
    it('destroys one value for good, and leaves the others', async () => {
      await save('part', 'one');
      await save('part', 'two');
      const path = `${tenant.secrets}/part`;

      const answer = await tenant.root.post(`${path}/versions/1/destroy`);

      expect(answer).toMatchObject({ status: 200, json: { version: 2, revision: 3 } });
      expect((answer.json as Shown).versions).toEqual([
        expect.objectContaining({ version: 2, destroyedAt: null }),
        expect.objectContaining({ version: 1, destroyedAt: expect.any(String) }),
      ]);
      expect(await tenant.root.get(`${path}/value?version=1`)).toEqual(
        refusal(404, 'secrets.destroyed'),
      );
      expect(await tenant.root.post(`${path}/rollback`, { version: 1 })).toEqual(
        refusal(404, 'secrets.destroyed'),
      );
      expect(await reveal('part')).toMatchObject({ value: 'two' });
      const rows = await vault.superuser.query(
        `select v.sealed from secret_versions v join secrets s on s.id = v.secret_id
         where s.tenant_id = $1 and s.name = 'part' and v.version = 1`,
        [tenant.id],
      );
      expect(rows).toEqual([{ sealed: null }]);
    });

    it('does nothing to what is destroyed already, and knows no version that never was', async () => {
      await save('again', 'one');
      const path = `${tenant.secrets}/again`;
      await tenant.root.post(`${path}/versions/1/destroy`);

      expect(await tenant.root.post(`${path}/versions/1/destroy`)).toMatchObject({
        status: 200,
        json: { revision: 2 },
      });
      for (const version of ['2', '0', '-1', 'x', '99999999999']) {
        expect(await tenant.root.post(`${path}/versions/${version}/destroy`)).toEqual(
          refusal(404, 'secrets.version_not_found'),
        );
      }
    });

    it('deletes all of it, and begins anew under the same name', async () => {
      await save('gone', 'one');
      await save('gone', 'two');
      const path = `${tenant.secrets}/gone`;
      expect(await tenant.root.ask('DELETE', path, undefined, { 'if-match': '"1"' })).toEqual(
        refusal(412, 'request.revision_stale'),
      );

      expect(await tenant.root.ask('DELETE', path)).toMatchObject({ status: 204 });

      expect(await tenant.root.get(path)).toEqual(refusal(404, 'secrets.not_found'));
      expect(await tenant.root.get(`${path}/value`)).toEqual(refusal(404, 'secrets.not_found'));
      expect(await save('gone', 'three')).toMatchObject({ version: 1 });
      expect(await reveal('gone')).toMatchObject({ value: 'three' });
    });

    it('brings an older value back as the newest version', async () => {
      await save('back', 'one');
      await save('back', { base64: 'AAEC' });

      const answer = await tenant.root.post(`${tenant.secrets}/back/rollback`, { version: 1 });

      expect(answer).toMatchObject({ status: 200, json: { version: 3 } });
      expect((answer.json as Shown).versions[0]).toMatchObject({ version: 3, restoredFrom: 1 });
      expect(await reveal('back')).toEqual({ name: 'back', version: 3, value: 'one' });
      expect(await tenant.root.post(`${tenant.secrets}/back/rollback`, { version: 9 })).toEqual(
        refusal(404, 'secrets.version_not_found'),
      );
    });
  });

  describe('revealed to whom', () => {
    it('refuses everybody who is no service account, by the kind of the actor', async () => {
      await save('server-only', 'canary-of-people');
      const idp = await trustedIdp();
      const person = vault.voice(await idp.token({ subject: 'chief' }));

      expect(await person.get(`${tenant.secrets}/server-only/value`)).toEqual(
        refusal(403, 'secrets.server_only'),
      );
      expect(await person.post(`${tenant.secrets}/reveal`, { names: ['server-only'] })).toEqual(
        refusal(403, 'secrets.server_only'),
      );
    });

    it('refuses a person with an account who may everything, by token and by browser session', async () => {
      await save('for-machines', 'canary-of-browsers');
      const path = `${tenant.secrets}/for-machines/value`;
      const [email, password] = ['chief@acme.example', 'six blue pianos under water'];
      const { url, mail } = vault.world.api;
      await tenant.root.post(`${tenant.at}/invitations`, { email, roles: ['tenant-admin'] });
      const token = mail.secretFor(email);
      await send(url, {
        method: 'POST',
        path: '/v1/invitations/accept',
        body: { token, password, displayName: 'Chief' },
      });
      const login = (given: object = {}): ReturnType<typeof send> =>
        send(url, {
          method: 'POST',
          path: '/v1/login',
          body: { email, password, tenant: tenant.slug, ...given },
          headers: { origin: 'http://tenantry.test', 'sec-fetch-site': 'same-origin' },
        });
      const person = vault.voice(textOf(await login(), 'accessToken'));
      const [cookie = ''] = ((await login({ cookie: true })).headers['set-cookie'] ?? '').split(
        ';',
      );

      expect(await person.get('/v1/me')).toMatchObject({
        json: { permissions: expect.arrayContaining(['secrets:reveal']) },
      });
      expect(await person.get(path)).toEqual(refusal(403, 'secrets.server_only'));
      expect(cookie).toMatch(/^__Host-tenantry-session=/);
      expect(await send(url, { method: 'GET', path, headers: { cookie } })).toEqual(
        refusal(403, 'secrets.server_only'),
      );
    });

    it('refuses a service that may not, the platform, and an engine without consent', async () => {
      await save('kept-from', 'canary-of-services');
      const path = `${tenant.secrets}/kept-from/value`;
      const builder = vault.voice(await vault.serviceToken(tenant.at, ['builder']));
      const { token } = await vault.engine();

      expect(await builder.get(path)).toEqual(refusal(403, 'access.permission_missing'));
      expect(await vault.platform.get(path)).toEqual(refusal(403, 'access.permission_missing'));
      expect(await vault.voice(token).get(path)).toEqual(refusal(403, 'secrets.consent_missing'));
      expect(await vault.voice(token).get(`${tenant.secrets}/never-was/value`)).toEqual(
        refusal(403, 'secrets.consent_missing'),
      );
    });

    it('does not know the secrets of another tenant', async () => {
      const other = await vault.tenant();
      await save('mine', 'canary-of-tenants');

      expect(await other.root.get(`${tenant.secrets}/mine/value`)).toEqual(
        refusal(403, 'access.tenant_mismatch'),
      );
      expect(await other.root.get(`${other.secrets}/mine/value`)).toEqual(
        refusal(404, 'secrets.not_found'),
      );
    });
  });

  describe('several at once', () => {
    it('answers all in their order, with one record for each', async () => {
      const fresh = await vault.tenant();
      for (const name of ['one', 'two', 'three']) {
        await fresh.root.put(`${fresh.secrets}/${name}`, { value: `canary-${name}` });
      }

      const answer = await fresh.root.post(`${fresh.secrets}/reveal`, {
        names: ['three', 'one'],
      });

      expect(answer.status).toBe(200);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.json).toEqual({
        items: [
          { name: 'three', version: 1, value: 'canary-three' },
          { name: 'one', version: 1, value: 'canary-one' },
        ],
      });
      const trail = await fresh.root.get(`${fresh.at}/audit/events?deed=secret.revealed`);
      expect(itemsOf(trail)).toEqual([recorded('one', 'done'), recorded('three', 'done')]);
      expect(trail.text).not.toContain('canary');
    });

    it('answers none where one is missing, and says which', async () => {
      const fresh = await vault.tenant();
      await fresh.root.put(`${fresh.secrets}/one`, { value: 'canary-of-batches' });

      const answer = await fresh.root.post(`${fresh.secrets}/reveal`, { names: ['one', 'two'] });

      expect(answer).toEqual(refusal(404, 'secrets.not_found'));
      expect(pointersOf(answer)).toEqual(['/names/1']);
      expect(answer.text).not.toContain('canary');
      const trail = await fresh.root.get(`${fresh.at}/audit/events?deed=secret.revealed`);
      expect(itemsOf(trail)).toEqual([
        expect.objectContaining({ outcome: 'failed', reason: 'secrets.not_found' }),
      ]);
    });

    it('answers no more than a mebibyte at once, and reads no more', async () => {
      const fresh = await vault.tenant();
      const names = Array.from({ length: 17 }, (_, index) => `n${index}`);
      for (const name of names) {
        await fresh.root.put(`${fresh.secrets}/${name}`, { value: 'a'.repeat(KIB_64 - 100) });
      }

      const answer = await fresh.root.post(`${fresh.secrets}/reveal`, { names });
      const fewer = await fresh.root.post(`${fresh.secrets}/reveal`, { names: names.slice(1) });

      expect(answer).toEqual(refusal(422, 'secrets.reveal_too_large'));
      expect(pointersOf(answer)).toEqual(['/names']);
      expect(fewer.status).toBe(200);
    });

    it('counts a flood of refusals under no name', async () => {
      const fresh = await vault.tenant();
      for (let index = 0; index < 25; index += 1) {
        await fresh.root.get(`${fresh.secrets}/never-${index}/value`);
      }
      await vault.world.api.app.get(Refusals).flush();

      const trail = await fresh.root.get(`${fresh.at}/audit/events?deed=secret.revealed&limit=2`);

      expect(itemsOf(trail)).toEqual([
        expect.objectContaining({
          count: 5,
          target: { kind: 'secret', id: 'several', name: null },
        }),
        expect.objectContaining({
          count: 1,
          target: expect.objectContaining({ name: 'never-19' }),
        }),
      ]);
    });

    it.each([
      ['none', []],
      ['one twice', ['a', 'a']],
      ['what is no name', ['../a']],
      ['more than a hundred', Array.from({ length: 101 }, (_, index) => `n${index}`)],
    ])('refuses %s', async (_, names) => {
      const answer = await tenant.root.post(`${tenant.secrets}/reveal`, { names });

      expect(answer).toEqual(refusal(422, 'request.invalid'));
    });

    it('takes no part in idempotency: a repetition reveals anew, and is on record anew', async () => {
      const fresh = await vault.tenant();
      await fresh.root.put(`${fresh.secrets}/one`, { value: 'old' });
      const ask = (): Promise<unknown> =>
        fresh.root
          .ask('POST', `${fresh.secrets}/reveal`, { names: ['one'] }, { 'idempotency-key': 'k' })
          .then(({ json }) => json);
      await ask();
      await fresh.root.put(`${fresh.secrets}/one`, { value: 'new' });

      expect(await ask()).toEqual({ items: [{ name: 'one', version: 2, value: 'new' }] });
    });
  });

  describe('on record', () => {
    it('tells every deed with version and key, and no value', async () => {
      const fresh = await vault.tenant();
      const path = `${fresh.secrets}/told`;
      await fresh.root.put(path, { value: 'canary-1', labels: { a: 'b' } });
      await fresh.root.put(path, { value: 'canary-2' });
      await fresh.root.ask('PATCH', path, { labels: {} });
      await fresh.root.get(`${path}/value`);
      await fresh.root.post(`${path}/rollback`, { version: 1 });
      await fresh.root.post(`${path}/versions/1/destroy`);
      await fresh.root.get(`${path}/value?version=1`);
      await fresh.root.ask('DELETE', path);

      const trail = await fresh.root.get(`${fresh.at}/audit/events?limit=50`);

      const deeds = itemsOf(trail)
        .filter(({ target }) => (target as { kind: string }).kind === 'secret')
        .map(({ deed, outcome, changes }) => [
          deed,
          outcome,
          (changes as { version?: object }).version,
        ]);
      expect(deeds.toReversed()).toEqual([
        ['secret.saved', 'done', { before: null, after: 1 }],
        ['secret.saved', 'done', { before: 1, after: 2 }],
        ['secret.changed', 'done', undefined],
        ['secret.revealed', 'done', { after: 2 }],
        ['secret.rolled_back', 'done', { before: 2, after: 3 }],
        ['secret.version_destroyed', 'done', { before: 1 }],
        ['secret.revealed', 'failed', { after: 1 }],
        ['secret.deleted', 'done', { before: 3 }],
      ]);
      expect(trail.text).not.toContain('canary');
    });
  });

  const recorded = (name: string, outcome: string): object =>
    expect.objectContaining({
      outcome,
      target: expect.objectContaining({ kind: 'secret', name }),
      changes: { version: { after: 1 }, keyId: { after: expect.any(String) } },
    });

  /** A provider by which an admin of the tenant comes, who is a person to it. */
  const trustedIdp = async (): Promise<IdentityProvider> => {
    const idp = await vault.world.idp();
    const made = await tenant.root.post(`${tenant.at}/issuers`, {
      issuer: idp.issuer,
      audiences: ['tenantry'],
    });
    const issuerId = textOf(made, 'id');
    answeredWith(200, await vault.platform.post(`${tenant.at}/issuers/${issuerId}/approve`));
    const member = { email: 'c@acme.example', roles: ['tenant-admin'], subject: 'chief' };
    answeredWith(201, await tenant.root.post(`${tenant.at}/members`, { ...member, issuerId }));
    return idp;
  };
});
