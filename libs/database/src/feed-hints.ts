import pg from 'pg';

const CHANNEL = 'tenantry_changes';
const RECONNECT_MS = 1_000;

/**
 * Listens for hints that something changed. A lost hint costs nothing but the wait for the next
 * poll, so that every failure here ends in a quiet new attempt.
 */
export class FeedHints {
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    private readonly url: string,
    private readonly onHint: () => void,
  ) {}

  start(): void {
    void this.#connect();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, keepAlive: true });
    this.#client = client;
    client.on('notification', this.onHint);
    client.on('error', () => {
      this.#reconnect(client);
    });
    client.on('end', () => {
      this.#reconnect(client);
    });
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      // What changed while nobody listened is looked for at once.
      this.onHint();
    } catch {
      this.#reconnect(client);
    }
  }

  #reconnect(failed: pg.Client): void {
    if (this.#isStopped || failed !== this.#client) return;
    this.#client = undefined;
    failed.end().catch(() => undefined);
    this.#timer = setTimeout(() => void this.#connect(), RECONNECT_MS);
    this.#timer.unref();
  }
}
