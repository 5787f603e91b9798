/** Where the bearer token of a request comes from. */
export interface TokenSource {
  /** A token to send now; null where the client calls as nobody. */
  current(): Promise<string | null>;
  /** Another one in place of one that was refused; null where there is none to be had. */
  inPlaceOf(refused: string): Promise<string | null>;
}

/** A token that the caller holds, or fetches for each request. */
export class GivenToken implements TokenSource {
  readonly #give: () => string | Promise<string>;

  constructor(given: string | (() => string | Promise<string>)) {
    this.#give = typeof given === 'string' ? () => given : given;
  }

  async current(): Promise<string> {
    return this.#give();
  }

  /** None: the caller alone knows how to come by another. */
  inPlaceOf(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** Calls as nobody. */
export const NO_TOKEN: TokenSource = {
  current: () => Promise.resolve(null),
  inPlaceOf: () => Promise.resolve(null),
};
