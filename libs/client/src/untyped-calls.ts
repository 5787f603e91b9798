import createFetchClient from 'openapi-fetch';

import type { Method } from './calls.js';
import { isRecord, TenantryError } from './tenantry-error.js';
import type { Timing } from './timing.js';
import type { Transport } from './transport.js';

export type AnyInit = Readonly<Record<string, unknown>>;
type AnyPaths = Record<string, Record<Method, { readonly responses: Record<number, unknown> }>>;

interface AnyAnswer {
  readonly data?: unknown;
  readonly response: Response;
}

/** The calls as they are made; what they take and give is typed over them. */
export class UntypedCalls {
  readonly #raw;

  constructor(
    baseUrl: string,
    private readonly transport: Transport,
    private readonly timing: Pick<Timing, 'now'>,
  ) {
    // No cookie: a session of the browser is not this client's. No redirect: the API gives none,
    // and what is sent is not for anybody else.
    this.#raw = createFetchClient<AnyPaths>({ baseUrl, credentials: 'omit', redirect: 'error' });
  }

  async call(method: Method, path: string, init?: AnyInit): Promise<AnyAnswer> {
    const operation = `${method.toUpperCase()} ${path}`;
    const answers: Response[] = [];
    const fetch = async (request: Request): Promise<Response> => {
      const response = await this.transport.send(request, operation);
      answers.push(response);
      return response;
    };
    try {
      const answer = await this.#raw.request(method, path, { ...init, baseUrl: '', fetch });
      if (answer.response.ok) return answer;
      throw this.#refusal(answer.response, answer.error);
    } catch (error) {
      const [response] = answers;
      // A parser's words would repeat part of the body.
      throw response && error instanceof SyntaxError ? this.#refusal(response, null) : error;
    }
  }

  async *list(path: string, init: AnyInit = {}): AsyncGenerator<unknown, void, undefined> {
    const { path: where, query, ...rest } = init;
    let cursor: unknown;
    do {
      const following = typeof cursor === 'string' ? { cursor } : {};
      const params = { path: where, query: { ...(isRecord(query) && query), ...following } };
      const { data, response } = await this.call('get', path, { ...rest, params });
      if (!isRecord(data) || !Array.isArray(data['items'])) {
        throw this.#refusal(response, null);
      }
      yield* data['items'];
      cursor = data['nextCursor'];
    } while (typeof cursor === 'string');
  }

  #refusal(response: Response, body: unknown): TenantryError {
    return new TenantryError(response, body, this.timing.now());
  }
}
