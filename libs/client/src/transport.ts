import { KEYED, OPEN } from './generated/schema.js';
import { codeOf, type Patience } from './patience.js';
import { unlessAborted } from './timing.js';
import type { TokenSource } from './token-source.js';

const KEY = 'Idempotency-Key';
const REPEATABLE = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);
const TOKEN = /^[\x21-\x7e]+$/;

/** Gives a request its key and its token, and has it sent. */
export class Transport {
  constructor(
    private readonly patience: Patience,
    private readonly tokens: TokenSource,
  ) {}

  /** `operation` is the method and the path as the document writes them. */
  async send(request: Request, operation: string): Promise<Response> {
    const isKeyed = KEYED.has(operation);
    if (isKeyed && !request.headers.has(KEY)) request.headers.set(KEY, crypto.randomUUID());
    const isRepeatable = mayRepeat(request, isKeyed);

    const token = needsToken(request, operation)
      ? await unlessAborted(this.tokens.current(), request.signal)
      : null;
    if (token === null) return this.patience.send(request, isRepeatable);

    const response = await this.patience.send(withToken(request, token), isRepeatable);
    if (!(await isTokenRefused(response))) return response;
    const other = await unlessAborted(this.tokens.inPlaceOf(token), request.signal);
    if (other === null) return response;

    await response.body?.cancel();
    return this.patience.send(withToken(request, other), isRepeatable);
  }
}

function needsToken(request: Request, operation: string): boolean {
  return !OPEN.has(operation) && !request.headers.has('Authorization');
}

// A PATCH may tell how to change what is there; only a revision keeps it from doing so twice.
function mayRepeat({ method, headers }: Request, isKeyed: boolean): boolean {
  return REPEATABLE.has(method) || isKeyed || (method === 'PATCH' && headers.has('If-Match'));
}

function withToken(request: Request, token: string): Request {
  // Headers would refuse it too, and repeat it in their message.
  if (!TOKEN.test(token)) throw new TypeError('The access token holds what no header can.');
  const copy = request.clone();
  copy.headers.set('Authorization', `Bearer ${token}`);
  return copy;
}

/** The guard refuses before anything has happened, so that the request may be sent again. */
async function isTokenRefused(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  const code = await codeOf(response);
  return code === null || code === 'access.token_invalid' || code === 'access.token_missing';
}
