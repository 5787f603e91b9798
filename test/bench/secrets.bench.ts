import type { BenchDatabase } from './bench-server.js';
import { ControlPlane } from './control-plane.js';
import { type Figure, ratioOf } from './figure.js';
import { load } from './load.js';
import { machineToken } from './machine-token.js';
import { PlatformAdmin } from './platform-admin.js';
import { interleave } from './rounds.js';

const NAMES = Array.from({ length: 10 }, (_, index) => `erp.${index}`);
const AIM = '>= 0.5';

/** Reveals and saves over HTTP, against a route that does nothing and one that writes one audited row. */
export async function secretsBench(
  database: BenchDatabase,
  { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
): Promise<Figure[]> {
  const plane = await ControlPlane.start(database.url);
  try {
    const admin = await PlatformAdmin.signIn(plane.url);
    await admin.post('/v1/tenants', { slug: 'bench', displayName: 'Bench' });
    const account = { name: 'root', roles: ['tenant-admin'] };
    const made = await admin.post('/v1/tenants/bench/service-accounts', account);
    const token = await machineToken(plane.url, {
      clientId: String(made['clientId']),
      clientSecret: String(made['clientSecret']),
    });
    const secrets = `${plane.url}/v1/tenants/bench/secrets`;
    const body = { value: 'correct horse battery staple' };
    for (const name of NAMES) await put(`${secrets}/${name}`, token, body);
    const ask =
      (path: string, given: object = {}) =>
      () =>
        load({ url: path, credential: token, seconds, ...given });
    const speeds = await interleave(
      {
        reveal: ask(`${secrets}/${NAMES[0] ?? ''}/value`),
        batch: ask(`${secrets}/reveal`, { method: 'POST', body: { names: NAMES } }),
        save: ask(`${secrets}/saved`, { method: 'PUT', body }),
        empty: ask(`${plane.url}/v1/me`),
        audited: ask(`${secrets}/${NAMES[1] ?? ''}`, { method: 'PATCH', body: { labels: {} } }),
      },
      rounds,
    );
    return [
      ratioOf('reveal of one secret', speeds.reveal, {
        baseline: 'GET /v1/me',
        against: speeds.empty,
      }),
      ratioOf('reveal of one secret', speeds.reveal, {
        baseline: 'PATCH, one audited row',
        against: speeds.audited,
        aim: AIM,
      }),
      ratioOf('reveal of ten in one request', speeds.batch, {
        baseline: 'reveal of one',
        against: speeds.reveal,
      }),
      ratioOf('PUT of a value, sealed', speeds.save, {
        baseline: 'PATCH, one audited row',
        against: speeds.audited,
      }),
    ];
  } finally {
    await plane.stop();
  }
}

async function put(url: string, token: string, body: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
}
