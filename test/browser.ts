/** A page that a browser got, before it follows anything. */
export interface Page {
  readonly status: number;
  readonly url: string;
  readonly location: string | null;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * A browser that follows redirects only when it is told to, so that each step can be looked at and
 * meddled with. It keeps cookies by origin, and heeds nothing of them but that they are taken away.
 */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** `aliases`: where a public address is really served. */
  constructor(private readonly aliases: Readonly<Record<string, string>>) {}

  async open(url: string): Promise<Page> {
    const { origin, pathname, search } = new URL(url);
    const response = await fetch((this.aliases[origin] ?? origin) + pathname + search, {
      redirect: 'manual',
      headers: { cookie: this.cookies(origin) },
    });
    for (const header of response.headers.getSetCookie()) this.#keep(origin, header);
    const location = response.headers.get('location');
    return {
      status: response.status,
      url,
      location: location === null ? null : new URL(location, url).href,
      headers: response.headers,
      text: await response.text(),
    };
  }

  /** Follows redirects until there is none, or until one leads to `until`, which is not opened. */
  async follow(url: string, until = ''): Promise<Page> {
    let page = await this.open(url);
    while (page.location !== null && !(until !== '' && page.location.startsWith(until))) {
      page = await this.open(page.location);
    }
    return page;
  }

  /** The header that would be sent to this origin. */
  cookies(origin: string): string {
    return [...(this.#cookies.get(origin) ?? [])]
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
  }

  setCookies(origin: string, cookies: string): void {
    const pairs = cookies.split('; ').filter((pair) => pair !== '');
    this.#cookies.set(
      origin,
      new Map(
        pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      ),
    );
  }

  #keep(origin: string, header: string): void {
    const kept = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, kept);
    const [pair = ''] = header.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    if (value === '' || /max-age=0(;|$)/i.test(header)) kept.delete(name);
    else kept.set(name, value);
  }
}
