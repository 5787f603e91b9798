import type { MaybeOptionalInit, ParseAs, ParseAsResponse } from 'openapi-fetch';

import type { paths } from './generated/schema.js';

export type Method = 'delete' | 'get' | 'head' | 'options' | 'patch' | 'post' | 'put';
type Media = `${string}/${string}`;
/** The paths that have this verb. */
type PathOf<M extends Method> = {
  readonly [P in keyof paths]: paths[P] extends Readonly<Record<M, object>> ? P : never;
}[keyof paths];

/** What a call sends: `params` with `path`, `query` and `header`, and `body`, as the document says. */
export type CallInit<P extends keyof paths, M extends keyof paths[P], As extends ParseAs = 'json'> =
  // Whoever could say where to would say where the token goes.
  Omit<NonNullable<MaybeOptionalInit<paths[P], M>>, 'baseUrl' | 'fetch' | 'parseAs'> & {
    readonly parseAs?: As;
  };

/** A success: what the body says, and the answer itself for its headers. */
export interface Answer<P extends keyof paths, M extends keyof paths[P], As extends ParseAs> {
  readonly data: DataOf<paths[P][M], As>;
  readonly response: Response;
}

type DataOf<Operation, As extends ParseAs> = ParseAsResponse<
  BodyOf<Operation>,
  { readonly parseAs: As }
>;

// Not by openapi-fetch's own type: that takes a readonly array for an object, and its methods away.
type BodyOf<Operation> = Operation extends { readonly responses: infer Responses }
  ? {
      readonly [Status in keyof Responses & Success]: Responses[Status] extends {
        readonly content: Readonly<Record<Media, infer Body>>;
      }
        ? Body
        : undefined;
    }[keyof Responses & Success]
  : never;
type Success = 200 | 201 | 202 | 204;

/** One verb of the client, over all the paths that have it. */
export type Call<M extends Method> = <P extends PathOf<M>, As extends ParseAs = 'json'>(
  path: P,
  ...init: undefined extends MaybeOptionalInit<paths[P], M>
    ? [init?: CallInit<P, M, As>]
    : [init: CallInit<P, M, As>]
) => Promise<Answer<P, M, As>>;
