import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';

import { titleOf } from '../problem/status-title.js';
import { OAuthProblemDto, ProblemDto } from './problem.dto.js';

type Responses = NonNullable<OpenAPIObject['paths'][string]['get']>['responses'];
type ResponseObject = Extract<NonNullable<Responses[string]>, { readonly description: string }>;

/** The codes that a route refuses with, by status. */
export type RefusalCodes = Readonly<Record<number, readonly string[]>>;

interface ProblemResponse {
  readonly description: string;
  readonly headers?: Record<string, { description: string; schema: { type: 'string' } }>;
  readonly content: Record<string, { schema: ProblemSchema }>;
}

interface ProblemSchema {
  readonly allOf: [
    { readonly $ref: string },
    { readonly type: 'object'; readonly properties: Readonly<Record<'code', CodeSchema>> },
  ];
}

interface CodeSchema {
  readonly type: 'string';
  readonly enum: string[];
}

const PROBLEM_JSON = 'application/problem+json';

/** One status as a response of the OpenAPI document: the problem, and the codes it may bear. */
export function problemResponse(status: number, codes: readonly string[]): ProblemResponse {
  const schema: ProblemSchema = {
    allOf: [
      { $ref: getSchemaPath(ProblemDto) },
      { type: 'object', properties: { code: { type: 'string', enum: [...codes] } } },
    ],
  };
  return {
    description: `${titleOf(status)}: ${codes.map((code) => `\`${code}\``).join(', ')}`,
    ...headersOf(status),
    content: { [PROBLEM_JSON]: { schema } },
  };
}

/** The codes that `problemResponse` wrote down; none for any other response. */
export function codesOf(response: object | undefined): readonly string[] {
  if (!response || !('content' in response)) return [];
  const { content } = response as Partial<ProblemResponse>;
  return content?.[PROBLEM_JSON]?.schema.allOf[1].properties.code.enum ?? [];
}

/** A status of /oauth, in the form of RFC 6749 §5.2. */
export function oauthProblemResponse(status: number): ResponseObject {
  return {
    description: titleOf(status),
    ...headersOf(status),
    content: { 'application/json': { schema: { $ref: getSchemaPath(OAuthProblemDto) } } },
  };
}

const HEADER_OF: Readonly<Record<number, readonly [name: string, description: string]>> = {
  401: ['WWW-Authenticate', 'The scheme that the route takes.'],
  429: ['Retry-After', 'After how many seconds to ask again.'],
  503: ['Retry-After', 'After how many seconds to ask again.'],
};

function headersOf(status: number): Pick<ProblemResponse, 'headers'> {
  const header = HEADER_OF[status];
  if (!header) return {};
  const [name, description] = header;
  return { headers: { [name]: { description, schema: { type: 'string' } } } };
}
