/** Whose word an event is: the platform's, as of its engines and of Tenantry itself, or the tenant's own. */
export type Reporter = 'platform' | 'tenant';

/** Something that was used, as it was reported. */
export interface UsageEvent {
  /** One of a kind for its tenant and reporter: an id counts once. */
  readonly id: string;
  readonly meter: string;
  readonly value: number;
  /** When it was used, in milliseconds. */
  readonly at: number;
  readonly resource: string | null;
  readonly actor: string | null;
  readonly labels: Readonly<Record<string, string>> | null;
}

/** The same, of one of many tenants. */
export interface TenantUsageEvent extends UsageEvent {
  readonly tenantId: string;
}

/** So many fractions of a unit are kept; what is finer is refused rather than rounded. */
export const DECIMALS_MAX = 6;
export const VALUE_MAX = 1e15;

/** Texts of labels: as names, but perhaps empty. */
export const LABEL_TEXT = /^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]{0,255}$/u;

/** Names of resources and actors: no control characters, no half characters. */
export const NAME = /^[^\u0000-\u001f\u007f-\u009f\ud800-\udfff]{1,255}$/u;
