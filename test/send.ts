/** One request, said in full. */
export interface Request {
  readonly method: string;
  readonly path: string;
  /** A bearer token; none: an unauthenticated request. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** Sent as it is, in place of `body`: a form, or what is not well-formed. */
  readonly raw?: string | URLSearchParams;
}

/** What came back, down to the letter. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly json: unknown;
}

/** Sends one request over real HTTP. */
export async function send(origin: string, request: Request): Promise<Answer> {
  const { method, path, body, raw = null } = request;
  const response = await fetch(origin + path, {
    method,
    headers: headersOf(request),
    body: body ? JSON.stringify(body) : raw,
  });
  const headers = Object.fromEntries(response.headers);
  const text = await response.text();
  const isJson = /[/+]json/.test(headers['content-type'] ?? '') && text !== '';
  const json: unknown = isJson ? JSON.parse(text) : undefined;
  return { status: response.status, headers, text, json };
}

function headersOf({ token, body, headers }: Request): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...headers,
  };
}

/** The text field of an answer's body; fails where there is none. */
export function textOf({ status, json, text }: Answer, field: string): string {
  const value: unknown =
    typeof json === 'object' && json !== null ? Reflect.get(json, field) : undefined;
  if (typeof value !== 'string') throw new Error(`No ${field} in the answer ${status}: ${text}`);
  return value;
}

/** The items of a list; fails where the answer is none. */
export function itemsOf({
  status,
  json,
  text,
}: Answer): readonly Readonly<Record<string, unknown>>[] {
  const items: unknown =
    typeof json === 'object' && json !== null ? Reflect.get(json, 'items') : null;
  if (!Array.isArray(items)) throw new Error(`No items in the answer ${status}: ${text}`);
  return items as Readonly<Record<string, unknown>>[];
}

/** The places that a refusal of a body or a query names, each once. */
export function pointersOf({ json }: Answer): string[] {
  const { errors = [] } = json as { readonly errors?: readonly { readonly pointer: string }[] };
  return [...new Set(errors.map(({ pointer }) => pointer))];
}
