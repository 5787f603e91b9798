import type { BenchDatabase } from './bench-server.js';
import type { Figure } from './figure.js';
import { GuardServer } from './guard-process.js';
import { PlatformAdmin } from './platform-admin.js';
import { interleave, type Speed, told } from './rounds.js';
import { settingsFor } from './settings.js';
import { TokenMaker } from './token-maker.js';

const ISSUER = 'https://login.guard.example';
const AUDIENCE = 'guard';
/** More than are used: each token that the guard is to verify must be one that it never saw. */
const UNSEEN_TOKENS = 20_000;

/** The guard on `GET /v1/me`, over HTTP, in one process with what it is measured against. */
export async function guardBench(
  database: BenchDatabase,
  { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
): Promise<Figure[]> {
  const maker = await TokenMaker.create();
  const server = await GuardServer.start({
    settings: await settingsFor(database.url),
    issuer: ISSUER,
    audience: AUDIENCE,
    publicJwk: maker.publicJwk,
  });
  try {
    const { appUrl, bareUrl } = server.urls;
    const admin = await PlatformAdmin.signIn(appUrl);
    await admin.registerIssuer('guarded', {
      issuer: ISSUER,
      audience: AUDIENCE,
      publicJwk: maker.publicJwk,
    });
    const token = await maker.token(ISSUER, AUDIENCE, 'ada');
    const unseen = await Promise.all(
      Array.from({ length: UNSEEN_TOKENS }, () => maker.token(ISSUER, AUDIENCE, 'ada')),
    );
    const known = (): string => token;
    const next = (): string => {
      const one = unseen.pop();
      if (one === undefined) throw new Error('There are too few tokens for so fast a machine.');
      return one;
    };
    const load = (url: string, tokenOf: () => string) => () =>
      server.load(url, tokenOf, { seconds });
    const speeds = await interleave(
      {
        guarded: load(`${appUrl}/v1/me`, known),
        open: load(`${appUrl}/bench/public`, known),
        verifying: load(`${appUrl}/bench/verifying`, known),
        unseen: load(`${appUrl}/v1/me`, next),
        bare: load(`${bareUrl}/me`, known),
      },
      rounds,
    );
    return figuresOf(speeds);
  } finally {
    await server.stop();
  }
}

function figuresOf(
  speeds: Record<'guarded' | 'open' | 'verifying' | 'unseen' | 'bare', Speed>,
): Figure[] {
  const { guarded } = speeds;
  const against = (baseline: string, speed: Speed, aim: string | null): Figure => ({
    what: 'guarded GET /v1/me, token seen before',
    baseline,
    ratio: guarded.perSecond / speed.perSecond,
    aim,
    measured: `${told(guarded)}; ${told(speed)}`,
  });
  return [
    against('the same route, @Public', speeds.open, '>= 0.5'),
    against('a guard of jose alone, verifying each time', speeds.verifying, null),
    against('this guard, verifying each time', speeds.unseen, '>= 3'),
    against('a bare Fastify route', speeds.bare, null),
  ];
}
