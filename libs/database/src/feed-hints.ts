import pg from 'pg';

const RECONNECT_MS = 1_000;

/** A channel of PostgreSQL's own naming: it stands in a statement. */
export type Channel = `tenantry_${'changes' | 'quotas'}`;

/**
 * Listens for hints that something changed. A lost hint costs nothing but the wait for the next
 * look, so that every failure here ends in a quiet new attempt.
 */
export class FeedHints {
  readonly #listeners = new Map<string, (payload: string) => void>();
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(private readonly url: string) {}

  start(): void {
    void this.#connect();
  }

  /** One listener a channel. It is called with an empty payload where hints may have been missed. */
  listen(channel: Channel, listener: (payload: string) => void): void {
    this.#listeners.set(channel, listener);
    // Before the connection stands, or where it fails, the next connection listens.
    this.#client?.query(`listen ${channel}`).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, keepAlive: true });
    this.#client = client;
    client.on('notification', ({ channel, payload = '' }) => {
      this.#listeners.get(channel)?.(payload);
    });
    client.on('error', () => {
      this.#reconnect(client);
    });
    client.on('end', () => {
      this.#reconnect(client);
    });
    try {
      await client.connect();
      for (const [channel, listener] of [...this.#listeners]) {
        await client.query(`listen ${channel}`);
        // What changed while nobody listened is looked for at once.
        listener('');
      }
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
