// What was done, by whom, to what: written in the transaction that does it, read page by page.
export { AuditModule } from './audit.module.js';
export { AuditTrail } from './audit-trail.js';
export { Decisions } from './decisions/decisions.js';
export { type Deed, type Doer, type FieldChange, TENANTRY } from './deed.js';
export { actorOf, doerOf, type KnownActor } from './doers.js';
export { Refusals } from './refusals.js';
