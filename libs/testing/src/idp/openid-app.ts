import { type IncomingMessage, type ServerResponse } from 'node:http';

import { type Adapter, type Configuration } from 'oidc-provider';

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
  const provider = new Provider(options.issuer, configurationOf(options));
  const serve = provider.callback();
  return (request, response) => {
    void serve(request, response);
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
