import type { BenchDatabase } from './bench-server.js';
import { ControlPlane } from './control-plane.js';
import type { Figure } from './figure.js';
import { load } from './load.js';
import { PlatformAdmin } from './platform-admin.js';
import { interleave, type Speed, told } from './rounds.js';

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
    const token = await tokenOf(plane.url, made);
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
      figure('reveal of one secret', 'GET /v1/me', speeds.reveal, speeds.empty, null),
      figure('reveal of one secret', 'PATCH, one audited row', speeds.reveal, speeds.audited, AIM),
      figure('reveal of ten in one request', 'reveal of one', speeds.batch, speeds.reveal, null),
      figure('PUT of a value, sealed', 'PATCH, one audited row', speeds.save, speeds.audited, null),
    ];
  } finally {
    await plane.stop();
  }
}

async function tokenOf(url: string, made: Readonly<Record<string, unknown>>): Promise<string> {
  const answer = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: String(made['clientId']),
      client_secret: String(made['clientSecret']),
    }),
  });
  const { access_token: token } = (await answer.json()) as { readonly access_token?: string };
  if (token === undefined) throw new Error(`POST /oauth/token: ${answer.status}`);
  return token;
}

async function put(url: string, token: string, body: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
}

function figure(
  what: string,
  baseline: string,
  speed: Speed,
  against: Speed,
  aim: string | null,
): Figure {
  return {
    what,
    baseline,
    ratio: speed.perSecond / against.perSecond,
    aim,
    measured: `${told(speed)}; ${told(against)}`,
  };
}
