import { shown } from '../shown.js';

/** Every check, in the order in which they are told. */
export const CHECK_NAMES = [
  'shape',
  'header',
  'issuer',
  'keys',
  'kid',
  'algorithm',
  'signature',
  'exp',
  'nbf',
  'iat',
  'audience',
  'subject',
  'discriminator',
  'condition',
  'mapping',
  'admission',
  'tenant',
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

/** What one check has found. */
export interface Finding {
  /** `skipped`: there is nothing to judge, or no way to; `detail` says why. */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly found: unknown;
  readonly expected: unknown;
  /** What to change, and where. */
  readonly remedy: string | null;
  readonly detail: string | null;
}

type Evidence = Partial<Omit<Finding, 'outcome'>>;

export function passed(evidence: Evidence): Finding {
  return findingOf('passed', evidence);
}

export function failed(evidence: Evidence & { readonly remedy: string }): Finding {
  return findingOf('failed', evidence);
}

export function skipped(detail: string, evidence: Evidence = {}): Finding {
  return findingOf('skipped', { ...evidence, detail });
}

function findingOf(outcome: Finding['outcome'], evidence: Evidence): Finding {
  return {
    outcome,
    found: shown(evidence.found),
    expected: shown(evidence.expected),
    remedy: evidence.remedy ?? null,
    detail: evidence.detail ?? null,
  };
}

export const UNREADABLE = skipped('The token cannot be read.');
export const NOBODY = skipped('No registration comes near enough to hold the token against.');
