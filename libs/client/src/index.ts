// The client that others program against: the document's types, and what every caller would write
// around them. Knows no other lib, and nothing that only Node or only browsers have.
export type { Answer, Call, CallInit } from './calls.js';
export { createClient, type TenantryClient } from './client.js';
export type { components, operations, paths, ProblemCode } from './generated/schema.js';
export type { Item, ListInit, ListPath } from './lists.js';
export type { ClientCredentials, ClientOptions, SessionTokens } from './options.js';
export { type FieldError, type KnownCode, TenantryError } from './tenantry-error.js';
export type { Timing } from './timing.js';
