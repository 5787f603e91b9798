import type { Call, Method } from './calls.js';
import type { List } from './lists.js';
import { MachineTokens } from './machine-tokens.js';
import type { ClientOptions } from './options.js';
import { Patience } from './patience.js';
import { Session } from './session.js';
import { SYSTEM_TIMING, type Timing } from './timing.js';
import { TokenEndpoint } from './token-endpoint.js';
import { GivenToken, NO_TOKEN, type TokenSource } from './token-source.js';
import { Transport } from './transport.js';
import { type AnyInit, UntypedCalls } from './untyped-calls.js';

/** Every route of the API, by its path as the document writes it. Failures are thrown. */
export interface TenantryClient {
  readonly GET: Call<'get'>;
  readonly POST: Call<'post'>;
  readonly PUT: Call<'put'>;
  readonly PATCH: Call<'patch'>;
  readonly DELETE: Call<'delete'>;
  /** `for await (const tenant of client.list('/v1/tenants')) …` */
  readonly list: List;
}

/** Makes a client; nothing is sent before the first call. */
export function createClient(options: ClientOptions): TenantryClient {
  const baseUrl = checkedUrl(options.baseUrl);
  const timing: Timing = { ...SYSTEM_TIMING, ...options.timing };
  const { fetch = (request: Request) => globalThis.fetch(request) } = options;
  const { retries = 3, maxWaitSeconds = 30 } = options;
  const patience = new Patience(fetch, timing, { retries, maxWaitSeconds });
  const tokens = tokensOf(options, new TokenEndpoint(baseUrl, patience), timing);
  return typed(new UntypedCalls(baseUrl, new Transport(patience, tokens), timing));
}

/** The document's types over the calls: they say more than a compiler can follow into a body. */
function typed(calls: UntypedCalls): TenantryClient {
  const verb = <M extends Method>(method: M): Call<M> =>
    ((path: string, init?: AnyInit) => calls.call(method, path, init)) as Call<M>;
  return {
    GET: verb('get'),
    POST: verb('post'),
    PUT: verb('put'),
    PATCH: verb('patch'),
    DELETE: verb('delete'),
    list: ((path: string, init?: AnyInit) => calls.list(path, init)) as List,
  };
}

function checkedUrl(given: string): string {
  const url = new URL(given);
  // They would stand in every log that names the URL.
  if (url.username || url.password) throw new TypeError('baseUrl must not hold credentials.');
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function tokensOf(options: ClientOptions, endpoint: TokenEndpoint, timing: Timing): TokenSource {
  const { credentials, accessToken, apiKey, sessionTokens: tokens } = options;
  const given = [credentials, accessToken, apiKey, tokens].filter((one) => one !== undefined);
  if (given.length > 1) throw new TypeError('The client can call as one identity only.');

  if (credentials) return new MachineTokens(credentials, endpoint, timing);
  if (tokens) {
    const { onTokens = () => undefined } = options;
    return new Session({ tokens, onTokens }, endpoint, timing);
  }
  const token = accessToken ?? apiKey;
  return token === undefined ? NO_TOKEN : new GivenToken(token);
}
