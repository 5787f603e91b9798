import type { Evidence } from '@tenantry/access';

/** What was looked at, in the order in which the guard looks at it. */
export const STEPS = [
  'credential',
  'issuer',
  'key',
  'claims',
  'session',
  'member',
  'roles',
  'csrf',
  'tenant',
  'second_factor',
  'permission',
  'throttle',
  'quota',
  'route',
] as const;

export type StepName = (typeof STEPS)[number];

/** One step of a decision, and what it rested on. */
export interface DecisionStep {
  readonly step: StepName;
  readonly outcome: 'passed' | 'refused';
  /** Of the step that refused. */
  readonly code?: string;
  /** What was wrong with a credential. */
  readonly fault?: string;
  /** What let by: the sort of credential, or the tenant's consent in place of a permission. */
  readonly by?: 'token' | 'api_key' | 'cookie' | 'consent';
  /** Whether this is only what a token claimed that nobody has verified. */
  readonly unverified?: true;
  readonly issuer?: string | null;
  readonly registration?: string | null;
  readonly keyId?: string | null;
  readonly claims?: Omit<Evidence, 'registration'>;
  readonly kind?: 'person' | 'service' | 'external';
  readonly id?: string;
  readonly isPlatform?: boolean;
  readonly roles?: readonly string[];
  readonly grants?: readonly { readonly role: string; readonly resource: string }[];
  readonly status?: string;
  readonly path?: Agreement;
  readonly header?: Agreement;
  readonly needed?: string;
  readonly held?: boolean;
  /** Of the limit that refused. */
  readonly limit?: unknown;
  readonly retryAfterSeconds?: number;
}

/** How the tenant that a request names stands to its caller's; `names`: it is what says which. */
export type Agreement = 'absent' | 'agrees' | 'differs' | 'names';

/** Why one request was let in or refused. */
export interface Receipt {
  readonly requestId: string;
  readonly at: string;
  readonly method: string;
  /** The pattern, never what was sent. */
  readonly route: string;
  readonly outcome: 'allowed' | 'refused';
  readonly status: number;
  readonly code: string | null;
  readonly steps: readonly DecisionStep[];
}
