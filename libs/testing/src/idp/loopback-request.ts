import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface LoopbackRequest {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A form makes it a POST. */
  readonly form?: URLSearchParams;
}

/** Asks a server on loopback; unlike `fetch` it lets the caller choose the `Host` header. */
export async function askLoopback(options: LoopbackRequest): Promise<string> {
  const response = await send(options);
  const body = await text(response);
  if (response.statusCode !== 200)
    throw new Error(`${options.path} answered ${response.statusCode ?? 'nothing'}: ${body}`);
  return body;
}

function send({ port, path, headers, form }: LoopbackRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path,
        agent: false,
        method: form ? 'POST' : 'GET',
        headers: form
          ? { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
          : headers,
      },
      resolve,
    );
    outgoing.once('error', reject);
    outgoing.end(form?.toString());
  });
}
