import type { TenantState } from '@tenantry/access';
import { type CheckName, CHECK_NAMES, type Finding } from './checks/finding.js';
import {
  checkAudience,
  checkCondition,
  checkDiscriminator,
  checkSubject,
} from './checks/on-claims.js';
import { checkAdmission, checkMapping, checkTenant } from './checks/on-entry.js';
import { checkIssuer, type UrlOwners } from './checks/on-issuer.js';
import { checkAlgorithm, checkKeys, checkKid, checkSignature } from './checks/on-keys.js';
import { checkHeader, checkShape } from './checks/on-shape.js';
import { checkExpiry, checkIssuedAt, checkNotBefore } from './checks/on-times.js';
import type { Entry } from './entry.js';
import type { Examination } from './examination.js';
import { refusalOf } from './guard-verdict.js';
import type { NearMatch } from './registration-choice.js';

/** One check, and what it has found. */
export interface Check extends Finding {
  readonly check: CheckName;
}

/** What the guard would do with a token, and why. */
export interface Diagnosis extends Omit<Entry, 'permissions'> {
  readonly verdict: 'accepted' | 'refused';
  /** The code of the refusal that its bearer sees; null where there is none. */
  readonly refusal: string | null;
  /** The registration that the token was held against; a candidate has no id yet. */
  readonly issuer: { readonly id: string | null; readonly issuer: string } | null;
  readonly tenant: TenantState | null;
  readonly checks: readonly Check[];
  readonly nearMatches: readonly NearMatch[];
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
}

type Judge = (exam: Examination, entry: Entry, owners: UrlOwners) => Finding;

const JUDGES: Record<CheckName, Judge> = {
  shape: checkShape,
  header: checkHeader,
  issuer: (exam, _, owners) => checkIssuer(exam, owners),
  keys: checkKeys,
  kid: checkKid,
  algorithm: checkAlgorithm,
  signature: checkSignature,
  exp: checkExpiry,
  nbf: checkNotBefore,
  iat: checkIssuedAt,
  audience: checkAudience,
  subject: checkSubject,
  discriminator: checkDiscriminator,
  condition: checkCondition,
  mapping: checkMapping,
  admission: checkAdmission,
  tenant: checkTenant,
};

/** Puts the guard's verdict beside everything that explains it. */
export async function diagnosisOf(
  exam: Examination,
  entry: Entry,
  owners: UrlOwners,
): Promise<Diagnosis> {
  const refusal = await refusalOf(exam, entry);
  const { candidate, choice, held } = exam;
  const roles = entry.admission?.roles ?? [];
  return {
    ...entry,
    verdict: refusal ? 'refused' : 'accepted',
    refusal: refusal?.code ?? null,
    issuer: held && { id: candidate ? null : held.issuer.id, issuer: held.issuer.issuer },
    checks: CHECK_NAMES.map((check) => ({ check, ...JUDGES[check](exam, entry, owners) })),
    nearMatches: choice.nearMatches,
    roles,
    permissions: [...entry.permissions].toSorted(),
  };
}
