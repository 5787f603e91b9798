import type { FormPost, JsonPost } from './outbound.js';

/** Which answers are of interest, by their status. */
export type Interest =
  /** A 200 alone. */
  | 'document'
  /** What the server says to a request that it refuses, too. */
  | 'refusals'
  /** The status itself, whichever it is: what comes with it is dropped. */
  | 'status';

/** What is asked of a foreign server. */
export interface PinnedRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly interest: Interest;
}

const HEADERS = {
  accept: 'application/json',
  // What is not compressed cannot be a bomb; nothing here would unpack it either.
  'accept-encoding': 'identity',
  'user-agent': 'tenantry',
};

export const GET: PinnedRequest = { method: 'GET', headers: HEADERS, interest: 'document' };

export function formRequest({ form, authorization }: FormPost): PinnedRequest {
  const headers = {
    ...HEADERS,
    'content-type': 'application/x-www-form-urlencoded',
    ...(authorization === undefined ? {} : { authorization }),
  };
  return { method: 'POST', headers, body: form.toString(), interest: 'refusals' };
}

export function jsonRequest({ body, headers: given }: JsonPost): PinnedRequest {
  const headers = { ...given, ...HEADERS, 'content-type': 'application/json' };
  return { method: 'POST', headers, body, interest: 'status' };
}
