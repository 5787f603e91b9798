import { Resolver } from 'node:dns/promises';

const TIMEOUT_MS = 2_000;
const TRIES = 2;
/** Nobody needs more, and an answer over TCP may hold thousands. */
const RECORDS_MAX = 100;
const NO_RECORD = new Set(['ENOTFOUND', 'ENODATA']);

/** The name could not be looked up at all: nothing is known of its records. */
export class TxtLookupFailed extends Error {
  override readonly name = 'TxtLookupFailed';
}

/** Looks up the TXT records of a name. */
export abstract class TxtResolver {
  /** None where there are none; throws `TxtLookupFailed` where that could not be found out. */
  abstract resolve(name: string): Promise<readonly string[]>;
}

/** Whom to ask, and for how long; by default the name servers that the machine is configured with. */
interface TxtResolverOptions {
  /** Addresses, with a port where it is not 53. */
  readonly servers?: readonly string[];
  /** For each of the tries. */
  readonly timeoutMs?: number;
}

/** Asks name servers by the resolver of Node itself. */
export class SystemTxtResolver extends TxtResolver {
  readonly #resolver: Resolver;

  constructor({ servers, timeoutMs = TIMEOUT_MS }: TxtResolverOptions = {}) {
    super();
    this.#resolver = new Resolver({ timeout: timeoutMs, tries: TRIES });
    if (servers) this.#resolver.setServers(servers);
  }

  async resolve(name: string): Promise<readonly string[]> {
    try {
      const records = await this.#resolver.resolveTxt(name);
      // A record longer than 255 bytes comes in pieces (RFC 7208 §3.3).
      return records.slice(0, RECORDS_MAX).map((pieces) => pieces.join(''));
    } catch (error) {
      const { code = '' } = error as { readonly code?: string };
      if (NO_RECORD.has(code)) return [];
      throw new TxtLookupFailed('The name could not be looked up.', { cause: error });
    }
  }
}
