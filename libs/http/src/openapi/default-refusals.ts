import type { OpenAPIObject } from '@nestjs/swagger';

import { NOT_IDEMPOTENT_EXTENSION } from '../idempotency/not-idempotent.decorator.js';
import {
  codesOf,
  oauthProblemResponse,
  problemResponse,
  type RefusalCodes,
} from './problem-response.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const OF_ANY_ROUTE: RefusalCodes = {
  422: ['request.invalid'],
  429: ['access.throttled'],
  500: ['internal.unexpected'],
  503: ['service.database_unavailable'],
};

const OF_THE_GUARD: RefusalCodes = {
  401: ['access.token_missing', 'access.token_invalid'],
  403: [
    'access.tenant_mismatch',
    'access.tenant_missing',
    'access.membership_missing',
    'access.permission_missing',
    'tenants.suspended',
  ],
  503: ['issuers.unavailable'],
};

const OF_A_BODY: RefusalCodes = {
  400: ['request.malformed'],
  413: ['request.body_too_large'],
  415: ['request.media_type_unsupported'],
};

const OF_A_KEY: RefusalCodes = {
  400: ['request.idempotency_key_invalid'],
  409: ['request.idempotency_running'],
  422: ['request.idempotency_mismatch'],
};

const OAUTH_STATUSES = [400, 401, 429, 500, 503];
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Makes the request safe to repeat for 24 hours: the same key with the same body gets the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
  example: '6f1c1f6e-6d0e-4a53-9a0b-3f0f4b1b2c3d',
} as const;

/** Adds to every operation what any route may answer, and the header that every `POST` takes. */
export function addDefaultRefusals(document: OpenAPIObject): void {
  for (const [path, item] of Object.entries(document.paths)) {
    const operations = METHODS.map((method) => item[method]).filter((found) => found !== undefined);
    const add = path.startsWith('/oauth/') ? addOAuthRefusals : addProblems;
    for (const operation of operations) add(operation, document);
    if (item.post && takesIdempotencyKey(path, item.post, document)) addIdempotencyKey(item.post);
    for (const operation of operations) Reflect.deleteProperty(operation, NOT_IDEMPOTENT_EXTENSION);
  }
}

function addOAuthRefusals({ responses }: Operation): void {
  for (const status of OAUTH_STATUSES) responses[status] ??= oauthProblemResponse(status);
}

function addProblems(operation: Operation, document: OpenAPIObject): void {
  addCodes(operation, OF_ANY_ROUTE);
  if (isGuarded(operation, document)) addCodes(operation, OF_THE_GUARD);
  if (operation.requestBody) addCodes(operation, OF_A_BODY);
}

function addIdempotencyKey(operation: Operation): void {
  addCodes(operation, OF_A_KEY);
  operation.parameters = [...(operation.parameters ?? []), IDEMPOTENCY_KEY];
}

function takesIdempotencyKey(path: string, operation: Operation, document: OpenAPIObject): boolean {
  const isMarked = NOT_IDEMPOTENT_EXTENSION in operation;
  return !isMarked && !path.startsWith('/oauth/') && isGuarded(operation, document);
}

// `security: []` is how OpenAPI says that anyone may call.
function isGuarded({ security }: Operation, document: OpenAPIObject): boolean {
  return (security ?? document.security ?? []).length > 0;
}

function addCodes({ responses }: Operation, codes: RefusalCodes): void {
  for (const [status, ofStatus] of Object.entries(codes)) {
    const known = codesOf(responses[status]);
    // A response that was written by hand for this status is left as it is.
    if (responses[status] && known.length === 0) continue;
    responses[status] = problemResponse(Number(status), [...new Set([...known, ...ofStatus])]);
  }
}
