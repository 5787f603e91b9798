// The words that everyone shares. Knows no framework, no database, no HTTP.
export * from './clock.js';
export * from './domain-error.js';
export * from './email.js';
export * from './id.js';
export * from './reading.js';
export * from './recurrence.js';
export * from './storable.js';
export * from './tenant-scope.js';
export * from './time-limit.js';
