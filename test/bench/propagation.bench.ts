import { setTimeout as pause } from 'node:timers/promises';

import type { BenchDatabase } from './bench-server.js';
import { ControlPlane } from './control-plane.js';
import type { Figure } from './figure.js';
import { PlatformAdmin } from './platform-admin.js';
import { median, percentile } from './rounds.js';
import { TokenMaker } from './token-maker.js';

const ISSUER = 'https://login.propagation.example';
const AUDIENCE = 'propagation';
const TENANT = 'propagated';
const LOOK_EVERY_MS = 2;
/** Over a whole interval of the feed's poll, so that no round is helped by the one before. */
const PAUSE_MAX_MS = 300;

interface Mutation {
  readonly path: string;
  readonly body: object;
  /** What the tenant's token is answered as soon as a node obeys. */
  readonly obeyed: number;
}

interface Lag {
  readonly mutationMs: number;
  readonly lagsMs: readonly number[];
}

/**
 * Three processes on one database: a tenant and its issuer are closed and opened on one, and the
 * others are asked until they obey.
 */
export async function propagationBench(
  { url }: BenchDatabase,
  { rounds }: { readonly rounds: number },
): Promise<Figure[]> {
  const first = await ControlPlane.start(url);
  const others = await Promise.all([ControlPlane.start(url), ControlPlane.start(url)]);
  try {
    const maker = await TokenMaker.create();
    const admin = await PlatformAdmin.signIn(first.url);
    const id = await admin.registerIssuer(TENANT, {
      issuer: ISSUER,
      audience: AUDIENCE,
      publicJwk: maker.publicJwk,
    });
    const token = await maker.token(ISSUER, AUDIENCE, 'ada');
    const urls = others.map((other) => other.url);
    await Promise.all(urls.map((node) => obeyedAt(node, token, 200)));

    const lags: Lag[] = [];
    for (const mutation of Array.from({ length: rounds }, () => mutationsOf(id)).flat()) {
      lags.push(await measure(mutation, { admin, urls, token }));
      await pause(Math.random() * PAUSE_MAX_MS);
    }
    return figuresOf(lags);
  } finally {
    await Promise.all([first, ...others].map((node) => node.stop()));
  }
}

function mutationsOf(issuerId: string): readonly Mutation[] {
  const tenant = `/v1/tenants/${TENANT}`;
  return [
    { path: `${tenant}/suspend`, body: { reason: 'A bench.' }, obeyed: 403 },
    { path: `${tenant}/resume`, body: {}, obeyed: 200 },
    { path: `${tenant}/issuers/${issuerId}/disable`, body: {}, obeyed: 401 },
    { path: `${tenant}/issuers/${issuerId}/enable`, body: {}, obeyed: 200 },
  ];
}

/** How long after the answer to the mutation each of the other nodes still disobeyed. */
async function measure(
  { path, body, obeyed }: Mutation,
  { admin, urls, token }: { admin: PlatformAdmin; urls: readonly string[]; token: string },
): Promise<Lag> {
  const looking = urls.map((url) => obeyedAt(url, token, obeyed));
  const begun = performance.now();
  await admin.post(path, body);
  const answered = performance.now();
  const moments = await Promise.all(looking);
  return {
    mutationMs: answered - begun,
    lagsMs: moments.map((moment) => Math.max(0, moment - answered)),
  };
}

/** The moment of the first answer that has this status. */
async function obeyedAt(url: string, token: string, status: number): Promise<number> {
  for (;;) {
    const answer = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    await answer.arrayBuffer();
    if (answer.status === status) return performance.now();
    await pause(LOOK_EVERY_MS);
  }
}

function figuresOf(lags: readonly Lag[]): Figure[] {
  const mutationMs = median(lags.map((lag) => lag.mutationMs));
  const all = lags.flatMap(({ lagsMs }) => lagsMs);
  const figure = (name: string, part: number, aim: string | null): Figure => {
    const lagMs = percentile(all, part);
    return {
      what: `change obeyed on two other nodes, ${name}`,
      baseline: 'the change itself, median',
      ratio: lagMs / mutationMs,
      aim,
      measured: `${lagMs.toFixed(1)} ms after the answer; ${mutationMs.toFixed(1)} ms`,
    };
  };
  return [figure('p50', 0.5, null), figure('p99', 0.99, '<= 250 ms')];
}
