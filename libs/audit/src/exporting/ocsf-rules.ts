/** The version of the Open Cybersecurity Schema Framework that events are told in. */
export const OCSF_VERSION = '1.3.0';

/** The classes that deeds are told as, each with those of its activities that are used. */
export const CLASSES = {
  account: {
    uid: 3001,
    name: 'Account Change',
    activities: {
      Create: 1,
      Enable: 2,
      'Password Change': 3,
      'Password Reset': 4,
      Disable: 5,
      Delete: 6,
      'MFA Factor Enable': 10,
      'MFA Factor Disable': 11,
    },
  },
  authentication: { uid: 3002, name: 'Authentication', activities: { Logon: 1, Logoff: 2 } },
  entity: {
    uid: 3004,
    name: 'Entity Management',
    activities: {
      Create: 1,
      Read: 2,
      Update: 3,
      Delete: 4,
      Enable: 8,
      Disable: 9,
      Activate: 10,
      Deactivate: 11,
      Suspend: 12,
      Resume: 13,
    },
  },
  access: {
    uid: 3005,
    name: 'User Access Management',
    activities: { 'Assign Privileges': 1, 'Revoke Privileges': 2 },
  },
  api: { uid: 6003, name: 'API Activity', activities: { Read: 2 } },
} as const;

export type OcsfClass = keyof typeof CLASSES;

/** Any activity that its class does not number is told as `Other`, under its own name. */
const OTHER = 99;

const SEVERITIES = { Informational: 1, Low: 2, Medium: 3, High: 4 } as const;

export type Severity = keyof typeof SEVERITIES;

export function severityId(severity: Severity): number {
  return SEVERITIES[severity];
}

/** The number of an activity within its class. */
export function activityId(name: OcsfClass, activity: string): number {
  const numbered: Readonly<Record<string, number>> = CLASSES[name].activities;
  return numbered[activity] ?? OTHER;
}

/** What a deed is told as; one that was refused or failed is told as `Low` at least. */
export interface OcsfRule {
  /** A deed, `*.` and its verb, or `*`: the closest one holds. */
  readonly deed: string;
  readonly as: OcsfClass;
  readonly activity: string;
  readonly severity: Severity;
}

type Row = readonly [deed: string, as: OcsfClass, activity: string, severity?: Severity];

const ROWS: readonly Row[] = [
  ['access.refused', 'api', 'Refuse'],
  ['access.unauthenticated', 'authentication', 'Logon', 'Low'],
  ['audit.exported', 'api', 'Read'],
  ['audit.person_erased', 'entity', 'Update', 'Medium'],
  ['audit.retention_changed', 'entity', 'Update', 'Medium'],
  ['audit.segment_removed', 'entity', 'Delete', 'Low'],
  ['audit_sink.redelivered', 'entity', 'Send'],
  ['audit_sink.rotated', 'entity', 'Secret Rotation'],
  ['audit_sink.tested', 'entity', 'Send'],
  ['break_glass.closed', 'access', 'Revoke Privileges'],
  ['break_glass.opened', 'access', 'Assign Privileges', 'High'],
  ['invitation.accepted', 'entity', 'Accept'],
  ['invitation.mail_failed', 'entity', 'Send'],
  ['invitation.resent', 'entity', 'Send'],
  ['issuer.guest_approved', 'entity', 'Activate'],
  ['issuer.health_changed', 'entity', 'Update'],
  ['issuer.key_appeared', 'entity', 'Update'],
  ['issuer.key_disappeared', 'entity', 'Update'],
  ['issuer.key_distrusted', 'entity', 'Update', 'Medium'],
  ['issuer.key_trusted', 'entity', 'Update'],
  ['issuer.proven', 'entity', 'Prove'],
  ['issuer.rechecked', 'entity', 'Check'],
  ['issuer.sign_in_removed', 'entity', 'Update'],
  ['issuer.sign_in_set', 'entity', 'Update'],
  ['member.added', 'account', 'Create'],
  ['member.changed', 'account', 'Update'],
  ['member.reactivated', 'account', 'Enable'],
  ['member.removed', 'account', 'Delete'],
  ['member.suspended', 'account', 'Disable'],
  ['password.changed', 'account', 'Password Change'],
  ['password.reset', 'account', 'Password Reset'],
  ['password.reset_requested', 'account', 'Password Reset Request'],
  ['platform_account.created', 'account', 'Create'],
  ['platform_account.secret_replaced', 'account', 'Secret Rotation'],
  ['platform_admin.changed', 'account', 'Update'],
  ['platform_admin.created', 'account', 'Create'],
  ['platform_admin.invitation_failed', 'account', 'Invite'],
  ['platform_admin.invited', 'account', 'Invite'],
  ['platform_admin.invited_again', 'account', 'Invite'],
  ['platform_admin.reactivated', 'account', 'Enable'],
  ['platform_admin.removed', 'account', 'Delete'],
  ['platform_admin.secret_rotated', 'account', 'Secret Rotation'],
  ['platform_admin.suspended', 'account', 'Disable'],
  ['quota.threshold_reached', 'entity', 'Reach Threshold', 'Low'],
  ['second_factor.disabled', 'account', 'MFA Factor Disable'],
  ['second_factor.enabled', 'account', 'MFA Factor Enable'],
  ['second_factor.proposed', 'account', 'MFA Factor Proposal'],
  ['second_factor.recovery_codes_replaced', 'account', 'Recovery Code Replacement'],
  ['secret.consents_changed', 'entity', 'Update'],
  ['secret.revealed', 'entity', 'Read'],
  ['secret.rolled_back', 'entity', 'Update'],
  ['secret.version_destroyed', 'entity', 'Delete'],
  ['service_account.changed', 'account', 'Update'],
  ['service_account.created', 'account', 'Create'],
  ['service_account.reactivated', 'account', 'Enable'],
  ['service_account.removed', 'account', 'Delete'],
  ['service_account.rotated', 'account', 'Secret Rotation'],
  ['service_account.suspended', 'account', 'Disable'],
  ['session.ended', 'authentication', 'Logoff'],
  ['session.started', 'authentication', 'Logon'],
  ['tenant.termination_begun', 'entity', 'Delete', 'Medium'],
  ['token.exchanged', 'authentication', 'Logon'],
  ['token.issued', 'authentication', 'Logon'],
  ['token.refreshed', 'authentication', 'Token Refresh'],
  ['token.revoked', 'authentication', 'Logoff'],
  ['vault.kek_retired', 'entity', 'Deactivate'],
  ['vault.key_created', 'entity', 'Create'],
  ['vault.key_retired', 'entity', 'Deactivate'],
  ['vault.rewrap_begun', 'entity', 'Update'],
  ['vault.rotation_begun', 'entity', 'Update'],
  ['vault.sealed', 'entity', 'Disable', 'Medium'],
  ['vault.shredded', 'entity', 'Delete', 'High'],
  ['vault.unsealed', 'entity', 'Enable', 'Medium'],
  ['*.approved', 'entity', 'Activate'],
  ['*.changed', 'entity', 'Update'],
  ['*.created', 'entity', 'Create'],
  ['*.deleted', 'entity', 'Delete'],
  ['*.disabled', 'entity', 'Disable'],
  ['*.enabled', 'entity', 'Enable'],
  ['*.registered', 'entity', 'Create'],
  ['*.removed', 'entity', 'Delete'],
  ['*.resumed', 'entity', 'Resume'],
  ['*.revoked', 'entity', 'Delete'],
  ['*.saved', 'entity', 'Update'],
  ['*.set', 'entity', 'Update'],
  ['*.suspended', 'entity', 'Suspend'],
  ['*.withdrawn', 'entity', 'Delete'],
];

const DEFAULT: OcsfRule = { deed: '*', as: 'entity', activity: 'Other', severity: 'Informational' };

/** In the order of the documented table; the default stands last. */
export const OCSF_RULES: readonly OcsfRule[] = [
  ...ROWS.map(([deed, as, activity, severity = 'Informational']) => ({
    ...{ deed, as, activity, severity },
  })),
  DEFAULT,
];

const BY_DEED = new Map(OCSF_RULES.map((rule) => [rule.deed, rule]));

/** The rule that is closest to a deed. */
export function ruleOf(deed: string): OcsfRule {
  const verb = deed.slice(deed.indexOf('.') + 1);
  return BY_DEED.get(deed) ?? BY_DEED.get(`*.${verb}`) ?? DEFAULT;
}
