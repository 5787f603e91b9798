import { randomUUID } from 'node:crypto';

import { type LoginAs } from './browser-login.js';
import { FaultyFront, type Hits, type HonestProvider } from './faulty-front.js';
import { type Lie } from './lies.js';
import { askLoopback } from './loopback-request.js';
import { type Handler, LoopbackServer } from './loopback-server.js';
import {
  CLIENT,
  openidApp,
  PATHS,
  RESOURCE,
  TICKET_HEADER,
  type TokenShape,
} from './openid-app.js';
import {
  handOn,
  newSigningKey,
  type SigningAlgorithm,
  type SigningKey,
  weakRsaKey,
} from './signing-key.js';
import { shapeOf, type TokenRequest } from './token-request.js';

export interface IdentityProviderOptions {
  readonly algorithm?: SigningAlgorithm;
  /** Further keys in the JWKS, which sign nothing by themselves. */
  readonly alsoPublishes?: readonly SigningAlgorithm[];
  readonly audience?: string;
  /** What its issuer URL has behind the host: a realm, or nothing but a slash. */
  readonly path?: string;
  /** Claims of every token. */
  readonly extraClaims?: Readonly<Record<string, unknown>>;
  readonly now?: () => Date;
}

type Keys = readonly [SigningKey, ...SigningKey[]];

interface Servers {
  /** What the world sees: it may be down, ill or lying. */
  readonly front: LoopbackServer;
  /** Always well, so that a test gets a token from a provider that is down. */
  readonly back: LoopbackServer;
}

/** A real OpenID provider on loopback, which rotates its keys, goes down and lies when told to. */
export class IdentityProvider {
  readonly issuer: string;
  readonly #options: IdentityProviderOptions;
  readonly #servers: Servers;
  readonly #faults = new FaultyFront();
  readonly #shapes = new Map<string, TokenShape>();
  readonly #issuedKeys: SigningKey[] = [];
  readonly #weakKey: SigningKey;
  #keys: Keys;
  #login: LoginAs = null;
  #redirectUris: readonly string[] = [];

  private constructor(
    options: IdentityProviderOptions,
    servers: Servers,
    keys: Keys,
    weakKey: SigningKey,
  ) {
    this.issuer = servers.front.origin + (options.path ?? '');
    this.#options = options;
    this.#servers = servers;
    this.#weakKey = weakKey;
    this.#keys = keys;
    this.#publish(keys);
  }

  static async start(options: IdentityProviderOptions = {}): Promise<IdentityProvider> {
    const { algorithm = 'ES256', alsoPublishes = [] } = options;
    const [front, back, weakKey, first, ...others] = await Promise.all([
      LoopbackServer.start(),
      LoopbackServer.start(),
      weakRsaKey(),
      newSigningKey(algorithm),
      ...alsoPublishes.map(newSigningKey),
    ]);
    return new IdentityProvider(options, { front, back }, [first, ...others], weakKey);
  }

  /** The key that signs now. */
  get currentKey(): SigningKey {
    return this.#keys[0];
  }

  /** Every published key, the current one first. */
  get keys(): readonly SigningKey[] {
    return this.#keys;
  }

  get kids(): readonly string[] {
    return this.#keys.map(({ kid }) => kid);
  }

  /** The RSA key of 1024 bits that the lie `weak-rsa-key` publishes. */
  get weakKey(): SigningKey {
    return this.#weakKey;
  }

  get jwksUri(): string {
    return this.#servers.front.origin + this.#mount + PATHS.jwks;
  }

  get hits(): Hits {
    return this.#faults.hits;
  }

  resetHits(): void {
    this.#faults.resetHits();
  }

  /** Gets an access token from the token endpoint, also while the provider is down or ill. */
  async token(request: TokenRequest): Promise<string> {
    const { audience = 'tenantry', extraClaims = {}, now = () => new Date() } = this.#options;
    const ticket = randomUUID();
    this.#shapes.set(ticket, shapeOf(request, { audience, extraClaims, now: now() }));
    try {
      return accessTokenOf(await this.#askBehindTheFront(PATHS.token, ticket));
    } finally {
      this.#shapes.delete(ticket);
    }
  }

  /** Sends people who sign in by a browser back to this address too; without one nobody can. */
  sendBackTo(redirectUri: string): void {
    this.#redirectUris = [...this.#redirectUris, redirectUri];
    this.#publish(this.#keys);
  }

  /** Who is at the browser from now on; `null`: somebody whom the provider refuses. */
  atTheBrowser(login: LoginAs): void {
    this.#login = login;
  }

  /** Signs with a new key from now on; with `keepOld` the old ones stay published. */
  async rotateKeys({
    keepOld,
    algorithm = this.currentKey.algorithm,
  }: {
    readonly keepOld: boolean;
    readonly algorithm?: SigningAlgorithm;
  }): Promise<void> {
    const next = await newSigningKey(algorithm);
    this.#publish(keepOld ? [next, ...this.#keys] : [next]);
  }

  /** Refuses connections, and cuts those that are open. */
  async goDown(): Promise<void> {
    await this.#servers.front.stop();
  }

  /** Ends every illness (down, status, slow, hanging), but no lie. */
  async comeUp(): Promise<void> {
    this.#faults.recover();
    await this.#servers.front.resume();
  }

  /** Answers every path with an empty body and this status. */
  respondWith(status: number): void {
    this.#faults.respondWith(status);
  }

  slowDown(delayMs: number): void {
    this.#faults.slowDown(delayMs);
  }

  /** Accepts requests and answers none of them until `comeUp`. */
  hang(): void {
    this.#faults.hang();
  }

  /** Deceives at one document; each document tells one lie at a time. */
  lie(lie: Lie): void {
    this.#faults.lie(lie);
  }

  tellTheTruth(): void {
    this.#faults.tellTheTruth();
  }

  async close(): Promise<void> {
    await Promise.all([this.#servers.front.stop(), this.#servers.back.stop()]);
    this.#faults.recover();
    handOn(this.#issuedKeys.splice(0));
  }

  /** Puts a new provider behind the same address, for one provider never changes its keys. */
  #publish(keys: Keys): void {
    this.#keys = keys;
    this.#issuedKeys.push(...keys.filter((key) => !this.#issuedKeys.includes(key)));
    const redirectUris = this.#redirectUris;
    const answer = openidApp({
      issuer: this.issuer,
      keys,
      shapeOf: (ticket) => this.#shapes.get(ticket),
      ...(redirectUris.length === 0 ? {} : { login: { redirectUris, who: () => this.#login } }),
    });
    const honest: HonestProvider = {
      answer,
      fetchDocument: (path) => this.#askBehindTheFront(path),
      kit: () => ({ currentKey: this.currentKey, weakKey: this.#weakKey }),
    };
    const serve: Handler = (request, response) => {
      // A request may outlive the provider: `hang` lets it wait until `close`.
      this.#faults.serve(request, response, honest).catch(() => response.destroy());
    };
    this.#servers.front.answerWith(mounted(this.#mount, serve));
    this.#servers.back.answerWith(mounted(this.#mount, answer));
  }

  /** The path of everything that the provider serves. */
  get #mount(): string {
    return new URL(this.issuer).pathname.replace(/\/$/, '');
  }

  #askBehindTheFront(document: string, ticket?: string): Promise<string> {
    const path = this.#mount + document;
    // The provider writes its links by the Host header, and those shall lead to the front.
    const headers = { host: new URL(this.issuer).host };
    const { port } = this.#servers.back;
    if (ticket === undefined) return askLoopback({ port, path, headers });
    this.#faults.count('token');
    return askLoopback({
      port,
      path,
      headers: { ...headers, [TICKET_HEADER]: ticket },
      form: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        resource: RESOURCE,
      }),
    });
  }
}

/** Serves below a path alone, and lets the provider know where its own links are to lead. */
function mounted(mount: string, serve: Handler): Handler {
  if (mount === '') return serve;
  return (request, response) => {
    const { url = '/' } = request;
    if (!url.startsWith(`${mount}/`)) {
      response.writeHead(404).end();
      return;
    }
    Object.assign(request, { originalUrl: url, url: url.slice(mount.length) });
    serve(request, response);
  };
}

function accessTokenOf(body: string): string {
  const answer: unknown = JSON.parse(body);
  if (typeof answer === 'object' && answer !== null && 'access_token' in answer) {
    const { access_token: token } = answer;
    if (typeof token === 'string') return token;
  }
  throw new Error('The token endpoint answered without a token');
}
