// What tenants are allowed, and what they have spent of it.
export { LeasedQuotas } from './engine/leased-quotas.js';
export { type Decision, type Demand, type LimitState, QuotaEngine } from './engine/quota-engine.js';
export { QuotasModule } from './quotas.module.js';
