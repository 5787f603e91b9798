import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that outgoing connections borrow (Linux, IANA): nobody takes one meanwhile by chance. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
/** Each worker of Jest has a stretch of its own: what one gives out is bound only a while later. */
const STRETCHES = 8;
const STRETCH = (HIGHEST - LOWEST) / STRETCHES;
const FIRST = LOWEST + STRETCH * (Number(process.env['JEST_WORKER_ID'] ?? 0) % STRETCHES);

const given = new Set<number>();

/** A port of loopback that nobody listens on, and that is given to nobody else here. */
export async function freePort(): Promise<number> {
  const port = randomInt(FIRST, FIRST + STRETCH);
  if (given.has(port)) return freePort();
  given.add(port);
  return (await isFree(port)) ? port : freePort();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
