import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import { createTestDatabase, type DatabaseCopy } from '@tenantry/testing';
import { ChainReader, checkpointsFrom } from '@tenantry/verify-audit';
import { ControlPlaneProcess } from './control-plane-process.js';
import { type Answer, itemsOf, send, textOf } from './send.js';

const LIMIT_MS = 120_000;
const ADMIN = { clientId: 'platform-admin', clientSecret: 'a-secret-for-tests-alone-0123456789' };
const LANES = 12;
/** So many deeds are acknowledged before the node dies. */
const ENOUGH = 60;

describe('a node that is killed while deeds are done', () => {
  let copy: DatabaseCopy;

  beforeAll(async () => {
    copy = await createTestDatabase();
  });
  afterAll(async () => {
    await ControlPlaneProcess.endAll();
    await copy.drop();
  });

  const node = (): Promise<ControlPlaneProcess> =>
    ControlPlaneProcess.start({
      settings: {
        DATABASE_URL: copy.url,
        PUBLIC_URL: 'http://tenantry.example',
        TENANTRY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
        TENANTRY_ADMIN_CLIENT_ID: ADMIN.clientId,
        TENANTRY_ADMIN_CLIENT_SECRET: ADMIN.clientSecret,
        THROTTLE_ACTOR_PER_SECOND: '0',
        AUDIT_CHECKPOINT_SECONDS: '1',
        LOG_LEVEL: 'error',
      },
    });

  it(
    'loses none that it acknowledged, and leaves whole chains without a gap',
    async () => {
      const [dying, living] = await Promise.all([node(), node()]);
      const token = await dying.token(ADMIN);
      const ask = (
        where: ControlPlaneProcess,
        method: string,
        path: string,
        body?: object,
      ): Promise<Answer> =>
        send(where.url, {
          ...{ method, path, token, headers: { 'x-request-id': newId() } },
          ...(body && { body }),
        });
      const tenants: string[] = [];
      for (const slug of ['one', 'two', 'three']) {
        tenants.push(
          textOf(await ask(dying, 'POST', '/v1/tenants', { slug, displayName: slug }), 'id'),
        );
      }

      const acknowledged = new Set<string>();
      let isOver = false;
      const lane = async (where: ControlPlaneProcess, n: number): Promise<void> => {
        for (let turn = 0; !isOver; turn += 1) {
          const path = `/v1/tenants/${tenants[(n + turn) % 3] ?? ''}`;
          const body = { displayName: `Name ${n} ${turn}` };
          // Whoever is cut off does not know.
          const answer = await ask(where, 'PATCH', path, body).catch(() => null);
          if (answer?.status === 200) acknowledged.add(answer.headers['x-request-id'] ?? '');
          if (answer === null) return;
        }
      };
      const lanes = Array.from({ length: LANES }, (_, n) => lane(n % 3 === 0 ? living : dying, n));
      while (acknowledged.size < ENOUGH) await new Promise((done) => setTimeout(done, 5));
      await dying.kill();
      isOver = true;
      await Promise.all(lanes);

      const recorded = new Set<unknown>();
      for (const id of tenants) {
        const audit = `/v1/tenants/${id}/audit`;
        const checkpoint = await ask(living, 'POST', `${audit}/checkpoints`);
        const exported = await ask(living, 'GET', `${audit}/export`);
        const checkpoints = itemsOf(await ask(living, 'GET', `${audit}/checkpoints?limit=200`));
        const reader = new ChainReader({ checkpoints: checkpointsFrom(checkpoints) });
        const lines = exported.text.trim().split('\n');
        for (const line of lines) {
          const event = JSON.parse(line) as Readonly<Record<string, unknown>>;
          recorded.add(event['requestId']);
          reader.read(event);
        }
        expect(reader.end()).toMatchObject({ valid: true, broken: null, from: 1 });
        const verdict = await ask(living, 'GET', `${audit}/verify`);
        expect(verdict).toMatchObject({ status: 200, json: { valid: true } });
        // The export is a deed of its own, which nobody has signed when it is read.
        expect(checkpoint.json).toMatchObject({ to: lines.length });
      }
      expect([...acknowledged].filter((id) => !recorded.has(id))).toEqual([]);
    },
    LIMIT_MS,
  );
});
