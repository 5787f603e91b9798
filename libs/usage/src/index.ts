// The usage ledger: who used what, reported by engines, metered by the control plane, told by hour, day and month.
export { UsageMeter } from './metering/usage-meter.js';
export { UsageModule } from './usage.module.js';
