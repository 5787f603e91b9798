// The sole way to fetch a foreign URL: only from an address that was checked, and only a bounded answer.
// Knows nothing of issuers: retries, caching and how many fetches run at once are the caller's affair.
export { type FetchOptions, type JsonPost, Outbound, type Receipt } from './outbound.js';
export { OutboundFailure } from './outbound-failure.js';
export { SafeOutbound } from './safe-outbound.js';
export { SystemTxtResolver, TxtLookupFailed, TxtResolver } from './txt-resolver.js';
