import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const REBIND_ATTEMPTS = 40;
const REBIND_PAUSE_MS = 25;

/** An HTTP server on loopback that can vanish and come back at the same address. */
export class LoopbackServer {
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** Takes a port; nobody is answered before `answerWith`. */
  static async start(): Promise<LoopbackServer> {
    const server = createServer();
    await listen(server, 0);
    return new LoopbackServer(server, portOf(server.address()));
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  answerWith(handler: Handler): void {
    this.#server.removeAllListeners('request').on('request', handler);
  }

  /** Refuses connections from now on, and cuts those that are open. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async resume(attempts = REBIND_ATTEMPTS): Promise<void> {
    if (this.#server.listening) return;
    try {
      await listen(this.#server, this.port);
    } catch (error) {
      // Meanwhile an outgoing connection of anybody may have borrowed the port.
      if (attempts === 1) throw error;
      await delay(REBIND_PAUSE_MS);
      await this.resume(attempts - 1);
    }
  }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The server is not on TCP');
  return address.port;
}
