import type { paths } from './generated/schema.js';

interface Listing<Item> {
  readonly get: {
    readonly responses: {
      readonly 200: {
        readonly content: {
          readonly 'application/json': {
            readonly items: readonly Item[];
            readonly nextCursor: string | null;
          };
        };
      };
    };
  };
}

/** The paths that answer with pages. */
export type ListPath = {
  readonly [P in keyof paths]: paths[P] extends Listing<unknown> ? P : never;
}[keyof paths];

/** What such a path lists. */
export type Item<P extends ListPath> = paths[P] extends Listing<infer Listed> ? Listed : never;

type Parameters<P extends ListPath> = paths[P]['get']['parameters'];

/** Which of them: `path` where it has parameters, and `query` for filters and the size of a page. */
export type ListInit<P extends ListPath> = {
  readonly query?: NonNullable<Parameters<P>['query']>;
  readonly signal?: AbortSignal;
} & (Parameters<P> extends { readonly path: infer Path }
  ? { readonly path: Path }
  : { readonly path?: never });

/** A loop over every item; a page is fetched when the loop comes to it, and not before. */
export type List = <P extends ListPath>(
  path: P,
  ...init: ListInit<P> extends { readonly path: unknown }
    ? [init: ListInit<P>]
    : [init?: ListInit<P>]
) => AsyncGenerator<Item<P>, void, undefined>;
