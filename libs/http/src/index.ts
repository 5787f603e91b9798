// How a refusal is told, and the HTTP conventions: validation, lists, revisions, idempotency.
// Who may call, and what a feature refuses, is left to others.
export * from './concurrency/etag.js';
export * from './concurrency/etag.interceptor.js';
export * from './concurrency/if-match.decorator.js';
export { IfNoneMatch } from './concurrency/if-none-match.decorator.js';
export { AnswerBook } from './idempotency/answer-book.js';
export * from './idempotency/idempotency.interceptor.js';
export * from './idempotency/idempotency-store.js';
export { NotIdempotent } from './idempotency/not-idempotent.decorator.js';
export * from './idempotency/postgres-idempotency-store.js';
export { RequestFingerprint } from './idempotency/request-fingerprint.js';
export * from './idempotency/request-identity.js';
export * from './idempotency/sealer.js';
export * from './lists/cursor.js';
export { ListQueryDto } from './lists/list-query.dto.js';
export { pageById } from './lists/page-by-id.js';
export * from './lists/page.dto.js';
export * from './openapi/api-refusals.decorator.js';
export * from './openapi/default-refusals.js';
export { PROBLEM_MODELS } from './openapi/problem.dto.js';
export * from './problem/oauth-refusal.js';
export * from './problem/problem.filter.js';
export * from './request.errors.js';
export * from './server.js';
export { ArrayBody } from './validation/array-body.js';
export { type LabelFilter, labelFilterOf, Labels } from './validation/labels.js';
export { IsPlainEmail } from './validation/is-plain-email.decorator.js';
export * from './validation/request-validation.pipe.js';
