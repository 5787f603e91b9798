import { type IncomingMessage, type ServerResponse } from 'node:http';

import { type Adapter, type Configuration } from 'oidc-provider';

import { answerInteraction, type BrowserLogin, browserConfiguration } from './browser-login.js';
import { Provider } from './quiet-oidc-provider.js';
import { type SigningKey } from './signing-key.js';

/** What one token shall say, over what the provider says by itself. */
export interface TokenShape {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface OpenidAppOptions {
  readonly issuer: string;
  /** All are published; the first one signs. */
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  readonly shapeOf: (ticket: string) => TokenShape | undefined;
  /** Where people sign in by a browser too. */
  readonly login?: BrowserLogin;
}

export const CLIENT = { id: 'tests', secret: 'not-a-secret' } as const;
export const RESOURCE = 'urn:tenantry:tests';
/** The request header that says which pending shape a token request is for. */
export const TICKET_HEADER = 'x-ticket';
export const PATHS = {
  discovery: '/.well-known/openid-configuration',
  jwks: '/jwks',
  token: '/token',
} as const;

/** A certified OpenID provider with one client, as a request listener. */
export function openidApp(
  options: OpenidAppOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { issuer, login } = options;
  const provider = new Provider(issuer, withLogin(configurationOf(options), options));
  const serve = provider.callback();
  return (request, response) => {
    if (!login) void serve(request, response);
    else void serveBrowser(request, response);
  };

  async function serveBrowser(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isDone = login && (await answerInteraction(provider, login, [request, response]));
    if (!isDone) await serve(request, response);
  }
}

function withLogin(
  configuration: Configuration,
  { issuer, keys, login }: OpenidAppOptions,
): Configuration {
  if (!login) return configuration;
  const [{ algorithm }] = keys;
  const { clients = [], ttl, ...browser } = browserConfiguration(login, { issuer, algorithm });
  return {
    ...configuration,
    ...browser,
    clients: [...(configuration.clients ?? []), ...clients],
    ttl: { ...configuration.ttl, ...ttl },
  };
}

function configurationOf({ keys, shapeOf }: OpenidAppOptions): Configuration {
  const [{ algorithm, kid }] = keys;
  return {
    adapter: Forgetful,
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: algorithm,
      },
    ],
    cookies: { keys: ['not-a-secret'] },
    enabledJWA: { idTokenSigningAlgValues: [algorithm] },
    ttl: { ClientCredentials: 300 },
    jwks: { keys: keys.map(({ privateJwk }) => privateJwk) },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: RESOURCE,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: algorithm, kid } },
        }),
      },
    },
    formats: {
      customizers: {
        jwt: (ctx, _token, parts) => {
          const shape = shapeOf(ctx.get(TICKET_HEADER));
          if (!shape) return;
          parts.header = { ...parts.header, ...shape.header };
          parts.payload = { ...parts.payload, ...shape.payload };
        },
      },
    },
  };
}

/** Tokens here are JWTs, which the provider need not remember. */
class Forgetful implements Adapter {
  readonly upsert = nothing;
  readonly find = nothing;
  readonly findByUserCode = nothing;
  readonly findByUid = nothing;
  readonly consume = nothing;
  readonly destroy = nothing;
  readonly revokeByGrantId = nothing;
}

function nothing(): Promise<undefined> {
  return Promise.resolve(undefined);
}
