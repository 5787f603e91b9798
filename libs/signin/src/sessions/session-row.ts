import type { LiveSession } from '@tenantry/access';

/** A session as it lies in the database, as far as the guard needs it. */
export interface SessionRow {
  readonly id: string;
  readonly person_id: string | null;
  readonly tenant_id: string | null;
  readonly member_id: string | null;
  readonly registration_id: string | null;
  readonly registration_owner_id: string | null;
  readonly registration_key: string | null;
  readonly subject: string | null;
  readonly email: string | null;
  readonly groups: readonly string[];
  readonly second_factor: boolean;
  readonly expires_at: Date;
}

export const SESSION_COLUMNS = `
  id, person_id, tenant_id, member_id, registration_id, registration_owner_id, registration_key,
  subject, email, groups, second_factor, expires_at`;

export function toLiveSession(row: SessionRow): LiveSession {
  const { registration_id: registrationId, registration_owner_id: ownerId, subject } = row;
  return {
    id: row.id,
    personId: row.person_id,
    tenantId: row.tenant_id,
    memberId: row.member_id,
    registration:
      registrationId === null || ownerId === null || subject === null
        ? null
        : {
            id: registrationId,
            ownerId,
            keyThumbprint: row.registration_key,
            subject,
            email: row.email,
            groups: row.groups,
          },
    hasSecondFactor: row.second_factor,
    expiresAt: row.expires_at,
  };
}
