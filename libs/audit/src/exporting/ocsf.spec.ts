import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { AuditEventDto } from '../dto/audit-event.dto.js';
import type { AuditRow } from '../event.js';
import { ocsfOf } from './ocsf.js';
import { activityId, CLASSES, OCSF_RULES } from './ocsf-rules.js';

const LIBS = new URL('../../../', import.meta.url);
const DOCUMENT = new URL('../docs/audit/ocsf.md', LIBS);

/** Every deed that there is, and what it is told as. */
const TOLD: Readonly<Record<string, string>> = {
  'access.refused': 'API Activity: Refuse',
  'access.unauthenticated': 'Authentication: Logon',
  'api_key.created': 'Entity Management: Create',
  'api_key.revoked': 'Entity Management: Delete',
  'audit.exported': 'API Activity: Read',
  'audit.person_erased': 'Entity Management: Update',
  'audit.retention_changed': 'Entity Management: Update',
  'audit.segment_removed': 'Entity Management: Delete',
  'audit_sink.changed': 'Entity Management: Update',
  'audit_sink.created': 'Entity Management: Create',
  'audit_sink.redelivered': 'Entity Management: Send',
  'audit_sink.removed': 'Entity Management: Delete',
  'audit_sink.rotated': 'Entity Management: Secret Rotation',
  'audit_sink.tested': 'Entity Management: Send',
  'break_glass.closed': 'User Access Management: Revoke Privileges',
  'break_glass.opened': 'User Access Management: Assign Privileges',
  'invitation.accepted': 'Entity Management: Accept',
  'invitation.created': 'Entity Management: Create',
  'invitation.mail_failed': 'Entity Management: Send',
  'invitation.resent': 'Entity Management: Send',
  'invitation.withdrawn': 'Entity Management: Delete',
  'issuer.approved': 'Entity Management: Activate',
  'issuer.changed': 'Entity Management: Update',
  'issuer.disabled': 'Entity Management: Disable',
  'issuer.enabled': 'Entity Management: Enable',
  'issuer.guest_approved': 'Entity Management: Activate',
  'issuer.health_changed': 'Entity Management: Update',
  'issuer.key_appeared': 'Entity Management: Update',
  'issuer.key_disappeared': 'Entity Management: Update',
  'issuer.key_distrusted': 'Entity Management: Update',
  'issuer.key_trusted': 'Entity Management: Update',
  'issuer.proven': 'Entity Management: Prove',
  'issuer.rechecked': 'Entity Management: Check',
  'issuer.registered': 'Entity Management: Create',
  'issuer.removed': 'Entity Management: Delete',
  'issuer.sign_in_removed': 'Entity Management: Update',
  'issuer.sign_in_set': 'Entity Management: Update',
  'member.added': 'Account Change: Create',
  'member.changed': 'Account Change: Update',
  'member.reactivated': 'Account Change: Enable',
  'member.removed': 'Account Change: Delete',
  'member.suspended': 'Account Change: Disable',
  'password.changed': 'Account Change: Password Change',
  'password.reset': 'Account Change: Password Reset',
  'password.reset_requested': 'Account Change: Password Reset Request',
  'permissions.registered': 'Entity Management: Create',
  'plan.changed': 'Entity Management: Update',
  'plan.created': 'Entity Management: Create',
  'plan.deleted': 'Entity Management: Delete',
  'platform_account.created': 'Account Change: Create',
  'platform_account.secret_replaced': 'Account Change: Secret Rotation',
  'platform_admin.changed': 'Account Change: Update',
  'platform_admin.created': 'Account Change: Create',
  'platform_admin.invitation_failed': 'Account Change: Invite',
  'platform_admin.invited': 'Account Change: Invite',
  'platform_admin.invited_again': 'Account Change: Invite',
  'platform_admin.reactivated': 'Account Change: Enable',
  'platform_admin.removed': 'Account Change: Delete',
  'platform_admin.secret_rotated': 'Account Change: Secret Rotation',
  'platform_admin.suspended': 'Account Change: Disable',
  'quota.removed': 'Entity Management: Delete',
  'quota.set': 'Entity Management: Update',
  'quota.threshold_reached': 'Entity Management: Reach Threshold',
  'role.changed': 'Entity Management: Update',
  'role.created': 'Entity Management: Create',
  'role.removed': 'Entity Management: Delete',
  'second_factor.disabled': 'Account Change: MFA Factor Disable',
  'second_factor.enabled': 'Account Change: MFA Factor Enable',
  'second_factor.proposed': 'Account Change: MFA Factor Proposal',
  'second_factor.recovery_codes_replaced': 'Account Change: Recovery Code Replacement',
  'secret.changed': 'Entity Management: Update',
  'secret.consents_changed': 'Entity Management: Update',
  'secret.deleted': 'Entity Management: Delete',
  'secret.revealed': 'Entity Management: Read',
  'secret.rolled_back': 'Entity Management: Update',
  'secret.saved': 'Entity Management: Update',
  'secret.version_destroyed': 'Entity Management: Delete',
  'service_account.changed': 'Account Change: Update',
  'service_account.created': 'Account Change: Create',
  'service_account.reactivated': 'Account Change: Enable',
  'service_account.removed': 'Account Change: Delete',
  'service_account.rotated': 'Account Change: Secret Rotation',
  'service_account.suspended': 'Account Change: Disable',
  'session.ended': 'Authentication: Logoff',
  'session.started': 'Authentication: Logon',
  'tenant.changed': 'Entity Management: Update',
  'tenant.created': 'Entity Management: Create',
  'tenant.resumed': 'Entity Management: Resume',
  'tenant.suspended': 'Entity Management: Suspend',
  'tenant.termination_begun': 'Entity Management: Delete',
  'token.exchanged': 'Authentication: Logon',
  'token.issued': 'Authentication: Logon',
  'token.refreshed': 'Authentication: Token Refresh',
  'token.revoked': 'Authentication: Logoff',
  'vault.kek_retired': 'Entity Management: Deactivate',
  'vault.key_created': 'Entity Management: Create',
  'vault.key_retired': 'Entity Management: Deactivate',
  'vault.rewrap_begun': 'Entity Management: Update',
  'vault.rotation_begun': 'Entity Management: Update',
  'vault.sealed': 'Entity Management: Disable',
  'vault.shredded': 'Entity Management: Delete',
  'vault.unsealed': 'Entity Management: Enable',
};

const RECORD = {
  v: 2,
  id: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  deed: 'member.suspended',
  outcome: 'done',
  actor: {
    kind: 'person',
    id: 'ada',
    issuer: 'https://login.acme.example',
    subject: 'sha256:subject',
    keyId: 'key-1',
    sessionId: 'session-1',
    isPlatform: false,
    email: 'sha256:email',
    name: 'sha256:name',
  },
  target: { kind: 'member', id: 'bob', name: 'sha256:target' },
  tenantId: '01939f3e-0000-7c3b-9d2a-6f1d7a1b2c3d',
  requestId: 'request-1',
  ip: 'sha256:ip',
  userAgent: 'sha256:agent',
  changes: { status: { before: 'active', after: 'suspended' } },
  reason: 'Left.',
  count: 1,
};

const SYSTEM = { kind: 'system', id: 'tenantry' };

function told(given: object = {}, personal: AuditRow['personal'] = {}): Record<string, unknown> {
  const record = structuredClone({ ...RECORD, ...given });
  return JSON.parse(
    JSON.stringify(
      ocsfOf(
        new AuditEventDto({
          id: RECORD.id,
          sequence: '42',
          at: new Date('2026-11-22T12:00:00.123Z'),
          record,
          personal,
          hash: Buffer.alloc(32, 0xab),
          previousHash: Buffer.alloc(32, 0xcd),
        }),
      ),
    ),
  );
}

describe('an event in OCSF', () => {
  it('says who did what to whom, when, from where, and keeps what proves it', () => {
    const value = (of: string): { salt: string; value: string } => ({ salt: 'c2FsdA', value: of });

    const event = told(
      {},
      {
        '/actor/subject': value('00u1'),
        '/actor/email': value('ada@acme.example'),
        '/actor/name': null,
        '/target/name': value('bob@acme.example'),
        '/ip': value('203.0.113.7'),
        '/userAgent': value('curl/8.5.0'),
      },
    );

    expect(event).toEqual({
      category_uid: 3,
      category_name: 'Identity & Access Management',
      class_uid: 3001,
      class_name: 'Account Change',
      activity_id: 5,
      activity_name: 'Disable',
      type_uid: 300105,
      type_name: 'Account Change: Disable',
      severity_id: 1,
      severity: 'Informational',
      status_id: 1,
      status: 'Success',
      status_detail: 'Left.',
      time: 1_795_348_800_123,
      message: 'member.suspended (done) by person ada upon member bob',
      count: 1,
      metadata: {
        version: '1.3.0',
        product: { name: 'Tenantry', vendor_name: 'Tenantry' },
        uid: RECORD.id,
        sequence: 42,
        event_code: 'member.suspended',
        original_time: '2026-11-22T12:00:00.123Z',
        log_name: 'audit',
        correlation_uid: 'request-1',
        tenant_uid: RECORD.tenantId,
      },
      actor: {
        user: {
          uid: 'ada',
          type_id: 1,
          type: 'User',
          email_addr: 'ada@acme.example',
          uid_alt: '00u1',
          credential_uid: 'key-1',
        },
        idp: { name: 'https://login.acme.example' },
        session: { uid: 'session-1' },
      },
      src_endpoint: { ip: '203.0.113.7' },
      http_request: { user_agent: 'curl/8.5.0' },
      user: { uid: 'bob', type_id: 1, type: 'User', name: 'bob@acme.example' },
      unmapped: {
        v: 2,
        outcome: 'done',
        actor: { kind: 'person', isPlatform: false },
        target: { kind: 'member', id: 'bob', name: 'bob@acme.example' },
        changes: { status: { before: 'active', after: 'suspended' } },
        hash: 'ab'.repeat(32),
        previousHash: 'cd'.repeat(32),
        commitments: {
          '/actor/subject': { commitment: 'sha256:subject', salt: 'c2FsdA' },
          '/actor/email': { commitment: 'sha256:email', salt: 'c2FsdA' },
          '/actor/name': { commitment: 'sha256:name', salt: null },
          '/target/name': { commitment: 'sha256:target', salt: 'c2FsdA' },
          '/ip': { commitment: 'sha256:ip', salt: 'c2FsdA' },
          '/userAgent': { commitment: 'sha256:agent', salt: 'c2FsdA' },
        },
      },
    });
  });

  it('is of the class and the activity that its deed is', () => {
    const names = Object.keys(TOLD).map((deed) => [deed, told({ deed, changes: {} })['type_name']]);

    expect(Object.fromEntries(names)).toEqual(TOLD);
  });

  it('has a class of its own choosing for every deed of the sources', () => {
    const deeds = readdirSync(LIBS, { recursive: true, encoding: 'utf8' })
      .filter((file) => /^[^/]+\/src\/.*\.ts$/.test(file) && !file.endsWith('.spec.ts'))
      .filter((file) => !/generated|fixtures/.test(file))
      .flatMap((file) => [
        ...readFileSync(new URL(file, LIBS), 'utf8').matchAll(/deed: '([a-z_]+\.[a-z_]+)'/g),
      ])
      .map(([, deed]) => deed);

    expect(deeds.length).toBeGreaterThan(60);
    expect(deeds.filter((deed) => !Object.hasOwn(TOLD, deed ?? ''))).toEqual([]);
  });

  it('is told as an entity that something was done to, where its deed is unheard of', () => {
    expect(
      told({ deed: 'kettle.boiled', target: { kind: 'kettle', id: '1', name: null } }),
    ).toMatchObject({
      ...{ class_uid: 3004, activity_id: 99, activity_name: 'Other', type_uid: 300499 },
      entity: { uid: '1', type: 'kettle' },
    });
  });

  it('tells of roles and grants that were given, or only taken, as of access', () => {
    const grant = { role: 'operator', resource: 'workflow/po-1', expiresAt: null };
    const changes = (before: object, after: object): object => ({
      changes: { roles: { before: ['viewer'], after: ['viewer'] }, grants: { before, after } },
    });

    expect([
      told({ deed: 'member.changed', ...changes([], [grant]) }),
      told({ deed: 'service_account.changed', ...changes([grant], []) }),
      told({ deed: 'member.changed', ...changes([grant], [grant]) }),
      told({ deed: 'break_glass.opened', target: { kind: 'break_glass', id: '1', name: null } }),
    ]).toMatchObject([
      {
        ...{ type_uid: 300501, privileges: ['operator on workflow/po-1'], user: { uid: 'bob' } },
        metadata: { profiles: ['host'] },
      },
      { type_uid: 300502, privileges: ['operator on workflow/po-1'] },
      { type_uid: 300199, activity_name: 'Update' },
      {
        ...{
          type_uid: 300501,
          privileges: ['break_glass'],
          user: { uid: 'ada' },
          severity: 'High',
        },
        resource: { uid: '1', type: 'break_glass' },
      },
    ]);
  });

  it('tells of refusals, of sign-ins, and of what nobody asked for', () => {
    const nowhere = { ip: null, userAgent: null, requestId: null, tenantId: null };
    const route = { kind: 'route', id: 'GET /v1/tenants', name: null };
    const reason = 'access.permission_missing';
    const session = { kind: 'session', id: 'session-2', name: null };
    const secondFactor = { secondFactor: { after: true } };

    const refused = told({ deed: 'access.refused', outcome: 'refused', target: route, reason });
    const unknown = { deed: 'access.unauthenticated', outcome: 'refused', reason: null, count: 7 };
    const nobody = told({ ...unknown, ...nowhere, actor: SYSTEM });
    const signedIn = told({ deed: 'session.started', target: session, changes: secondFactor });

    expect([refused, nobody, signedIn]).toMatchObject([
      {
        ...{ class_uid: 6003, status_id: 2, status_detail: reason, severity: 'Low' },
        api: { operation: 'GET /v1/tenants' },
        resources: [{ uid: 'GET /v1/tenants', type: 'route' }],
      },
      {
        ...{ type_uid: 300201, count: 7, status: 'Failure', service: { name: 'Tenantry' } },
        actor: { app_name: 'Tenantry', user: { uid: 'tenantry', type_id: 3 } },
        src_endpoint: { svc_name: 'Tenantry' },
      },
      { type_uid: 300201, is_mfa: true, session: { uid: 'session-2' }, user: { uid: 'ada' } },
    ]);
    expect(nobody).not.toHaveProperty('http_request');
    expect(nobody).not.toHaveProperty('status_detail');
    expect(nobody['metadata']).not.toHaveProperty('tenant_uid');
  });

  it('is documented row by row', () => {
    const documented = readFileSync(DOCUMENT, 'utf8').split('## Of each deed')[1] ?? '';
    const rows = [...documented.matchAll(/^\| `(.+?)` +\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)];

    expect(rows.map(([, ...cells]) => cells)).toEqual(
      OCSF_RULES.map(({ deed, as, activity, severity }) => [
        deed,
        `${CLASSES[as].name} (${CLASSES[as].uid})`,
        `${activity} (${activityId(as, activity)})`,
        severity,
      ]),
    );
  });
});
