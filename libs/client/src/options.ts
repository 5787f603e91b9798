import type { Timing } from './timing.js';

/** A service account, as it was created. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A person's session: the tokens that `POST /v1/login` answers with, or what `onTokens` was given. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** For how many seconds the access token is good from now on. */
  readonly expiresIn?: number;
  /** Until when it is good, in milliseconds since 1970; it goes before `expiresIn`. */
  readonly expiresAt?: number;
}

/** A session that was just renewed, to be kept in place of the one before. */
export interface RenewedSession extends SessionTokens {
  readonly expiresAt: number;
}

interface CommonOptions {
  /** Where the control plane is, such as `https://tenantry.example.com`. */
  readonly baseUrl: string;
  /** In place of the platform's own `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** How often a call that may be repeated is sent again; 3, and 0 for never. */
  readonly retries?: number;
  /** Told to wait longer than this, the client gives up instead; 30. */
  readonly maxWaitSeconds?: number;
  /** For tests: another clock, another way to wait, another chance. */
  readonly timing?: Partial<Timing>;
}

/** At most one of these; with none, the client calls as nobody. */
type Identity =
  | OnlyOne<'credentials', { readonly credentials: ClientCredentials }>
  | OnlyOne<'accessToken', { readonly accessToken: string | (() => string | Promise<string>) }>
  | OnlyOne<'apiKey', { readonly apiKey: string }>
  | OnlyOne<
      'sessionTokens' | 'onTokens',
      {
        readonly sessionTokens: SessionTokens;
        /** Called with each renewed session before it is used; the one before is spent by then. */
        readonly onTokens?: (tokens: RenewedSession) => void | Promise<void>;
      }
    >
  | OnlyOne<never, object>;

type Way = 'credentials' | 'accessToken' | 'apiKey' | 'sessionTokens' | 'onTokens';
type OnlyOne<Key extends Way, Kind> = Kind & Readonly<Partial<Record<Exclude<Way, Key>, never>>>;

/** Where the control plane is, and as whom it is called. */
export type ClientOptions = CommonOptions & Identity;
