// What tenants are allowed, and what they have spent of it.
export { DecisionCounts } from './consuming/decision-counts.js';
export { LeasedQuotas } from './engine/leased-quotas.js';
export { QuotaEngine } from './engine/quota-engine.js';
export { QuotasModule } from './quotas.module.js';
