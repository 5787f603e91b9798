// Whose tokens a tenant trusts: registered at runtime, checked, disabled, and found for the guard.
export { IssuerCensus } from './issuer-census.js';
export { IssuerTrust } from './issuer-trust.js';
export { IssuersModule } from './issuers.module.js';
export { Validator } from './validator.js';
