import { type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { type Lie, type LiarsKit, type Place, tell } from './lies.js';
import { type Handler } from './loopback-server.js';
import { PATHS } from './openid-app.js';

/** How often each document was asked for; `redirected` counts who followed a redirect. */
export interface Hits {
  readonly discovery: number;
  readonly jwks: number;
  readonly token: number;
  readonly redirected: number;
}

/** What the front needs of the honest provider behind it. */
export interface HonestProvider {
  readonly answer: Handler;
  readonly fetchDocument: (path: string) => Promise<string>;
  readonly kit: () => Omit<LiarsKit, 'redirectTo'>;
}

/** How the whole provider is ill; a lie concerns one document only. */
interface Illness {
  readonly status?: number;
  readonly delayMs?: number;
  readonly until?: Promise<void>;
}

const NO_HITS: Hits = { discovery: 0, jwks: 0, token: 0, redirected: 0 };
const REDIRECTED = '/redirected';

/** Counts who comes, and gets in the way of an honest provider as it is told to. */
export class FaultyFront {
  readonly #lies = new Map<Place, Lie>();
  #illness: Illness = {};
  #release: () => void = () => undefined;
  #hits = NO_HITS;

  get hits(): Hits {
    return this.#hits;
  }

  resetHits(): void {
    this.#hits = NO_HITS;
  }

  count(what: keyof Hits): void {
    this.#hits = { ...this.#hits, [what]: this.#hits[what] + 1 };
  }

  lie(lie: Lie): void {
    this.#lies.set(lie.at, lie);
  }

  tellTheTruth(): void {
    this.#lies.clear();
  }

  respondWith(status: number): void {
    this.recover();
    this.#illness = { status };
  }

  slowDown(delayMs: number): void {
    this.recover();
    this.#illness = { delayMs };
  }

  hang(): void {
    this.recover();
    const until = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    this.#illness = { until };
  }

  /** Ends every illness, and answers those whom `hang` keeps waiting. */
  recover(): void {
    this.#illness = {};
    this.#release();
  }

  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    honest: HonestProvider,
  ): Promise<void> {
    const lie = this.#welcome(request);
    const { status, delayMs, until } = this.#illness;
    await until;
    // A request that still sleeps when the test is over must not keep the process alive.
    if (delayMs !== undefined) await delay(delayMs, undefined, { ref: false });

    if (status !== undefined) response.writeHead(status).end();
    else if (lie) await deceive(lie, response, honest);
    else honest.answer(request, response);
  }

  /** Counts a request, and finds the lie that it shall be told. */
  #welcome(request: IncomingMessage): Lie | undefined {
    const url = request.url ?? '/';
    if (url.startsWith(`${REDIRECTED}/`)) {
      this.count('redirected');
      request.url = url.slice(REDIRECTED.length);
      return undefined;
    }
    const endpoint = endpointOf(url);
    if (!endpoint) return undefined;
    this.count(endpoint);
    return endpoint === 'token' ? undefined : this.#lies.get(endpoint);
  }
}

async function deceive(
  lie: Lie,
  response: ServerResponse,
  { fetchDocument, kit }: HonestProvider,
): Promise<void> {
  const path = PATHS[lie.at];
  tell(lie, await fetchDocument(path), { ...kit(), redirectTo: REDIRECTED + path }, response);
}

function endpointOf(url: string): Place | 'token' | undefined {
  const [path] = url.split('?');
  switch (path) {
    case PATHS.discovery:
    case '/.well-known/oauth-authorization-server':
      return 'discovery';
    case PATHS.jwks:
      return 'jwks';
    case PATHS.token:
      return 'token';
    default:
      return undefined;
  }
}
