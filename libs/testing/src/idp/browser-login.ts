import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Adapter, AdapterPayload, Configuration, Provider } from 'oidc-provider';

/** Who is at the browser, and what the provider knows of them; `null` has the provider refuse. */
export type LoginAs = {
  readonly subject: string;
  readonly claims?: Readonly<Record<string, unknown>>;
} | null;

/** The client that sends people here to sign in. */
export const SIGN_IN_CLIENT = { id: 'tenantry-sign-in', secret: 'not-a-secret-either' } as const;

/** People who sign in by a browser: where they are sent back to, and who they are. */
export interface BrowserLogin {
  readonly redirectUris: readonly string[];
  readonly who: () => LoginAs;
}

const PATH = '/interaction/';
const SCOPE = 'openid email profile';

/** What a provider needs besides, where people sign in by a browser. */
export function browserConfiguration(
  { redirectUris, who }: BrowserLogin,
  { issuer, algorithm }: { readonly issuer: string; readonly algorithm: string },
): Configuration {
  return {
    adapter: memory(),
    clients: [
      {
        client_id: SIGN_IN_CLIENT.id,
        client_secret: SIGN_IN_CLIENT.secret,
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['authorization_code'],
        redirect_uris: [...redirectUris],
        response_types: ['code'],
        id_token_signed_response_alg: algorithm as 'ES256',
      },
    ],
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
    // What belongs to a scope stands in the ID token, as at most providers of companies.
    conformIdTokenClaims: false,
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, ...who()?.claims }),
    }),
    interactions: { url: (_ctx, { uid }) => issuer.replace(/\/$/, '') + PATH + uid },
    loadExistingGrant: async ({ oidc }) => {
      const { Grant } = oidc.provider;
      const { session, client } = oidc;
      const grant = new Grant({
        ...(session?.accountId === undefined ? {} : { accountId: session.accountId }),
        ...(client === undefined ? {} : { clientId: client.clientId }),
      });
      grant.addOIDCScope(SCOPE);
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      Grant: 300,
      IdToken: 300,
      Interaction: 300,
      Session: 300,
    },
  };
}

/** Signs in who is at the browser, without asking; answers whether the request was for that. */
export async function answerInteraction(
  provider: Provider,
  { who }: Pick<BrowserLogin, 'who'>,
  [request, response]: readonly [IncomingMessage, ServerResponse],
): Promise<boolean> {
  if (!request.url?.startsWith(PATH)) return false;
  const login = who();
  const result = login
    ? { login: { accountId: login.subject } }
    : { error: 'access_denied', error_description: 'words of the provider' };
  await provider.interactionFinished(request, response, result);
  return true;
}

/** Remembers for as long as the provider lives. */
function memory(): (name: string) => Adapter {
  const rows = new Map<string, AdapterPayload>();
  return (name) => {
    const key = (id: string): string => `${name}:${id}`;
    return {
      upsert: (id, payload) => done(() => rows.set(key(id), payload)),
      find: (id) => Promise.resolve(rows.get(key(id))),
      findByUid: (uid) =>
        Promise.resolve(
          [...rows].find(([id, row]) => id.startsWith(`${name}:`) && row.uid === uid)?.[1],
        ),
      findByUserCode: () => Promise.resolve(undefined),
      consume: (id) => done(() => Object.assign(rows.get(key(id)) ?? {}, { consumed: 1 })),
      destroy: (id) => done(() => rows.delete(key(id))),
      revokeByGrantId: (grantId) =>
        done(() => {
          for (const [id, row] of rows) if (row.grantId === grantId) rows.delete(id);
        }),
    };
  };
}

function done(work: () => unknown): Promise<undefined> {
  work();
  return Promise.resolve(undefined);
}
