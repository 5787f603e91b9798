import { Injectable } from '@nestjs/common';

import type { ExternalIdentity, PersonMembership, ResourceGrant } from '@tenantry/access';
import { Database, type TenantTransaction, violatedConstraint } from '@tenantry/database';
import { newId, PLATFORM_ID, type TenantScope } from '@tenantry/kernel';
import { type Member, type MemberKind, type MemberStatus, type NewMember } from './member.js';
import { MemberExists, MemberIssuerUnknown } from './members.errors.js';
import { reachesSecrets } from './reaches-secrets.js';

const COLUMNS = `
  id, kind, person_id as "personId", issuer_id as "issuerId", subject, email,
  display_name as "displayName", roles, grants, status, origin, revision,
  created_at as "createdAt", updated_at as "updatedAt"`;

/** A look-up on the hot path of every token that is not cached: SQL, in one round trip. */
const FIND_BY_IDENTITY = `
  select ${COLUMNS} from members where tenant_id = $1 and issuer_id = $2 and subject = $3`;

const FIND_ACTIVE = `
  select ${COLUMNS} from members where tenant_id = $1 and id = $2 and status = 'active'`;

/** Ids are UUIDv7: their order is that of time. */
const OF_PERSON = `
  select m.id as "memberId", m.roles, t.requires_second_factor as "requiresSecondFactor",
    jsonb_build_object('id', t.id, 'slug', t.slug, 'displayName', t.display_name) as tenant
  from members m join tenants t on t.id = m.tenant_id
  where m.person_id = $1 and m.status = 'active' and t.status <> 'suspended'
  order by m.id`;

const LIST = `
  select ${COLUMNS} from members
  where tenant_id = $1 and status <> 'denied'
    and ($2::uuid is null or id > $2)
    and ($3::text is null or status = $3)
    and ($4::text is null or kind = $4)
    and ($5::text is null or email ilike $5 or display_name ilike $5)
  order by id
  limit $6`;

/** Two first tokens of one subject at the same moment make one member. */
const ADMIT = `
  insert into members
    (tenant_id, id, kind, issuer_owner_id, issuer_id, subject, email, display_name, roles, origin)
  values ($1, $2, 'external', $7, $3, $4, $5, $6, '{}', 'admitted')
  on conflict (tenant_id, issuer_id, subject) do update set subject = excluded.subject
  returning ${COLUMNS}`;

/** Whom a verified address may bind: never somebody with an account, nor a machine. */
const WAITS_TO_BE_BOUND = `kind = 'external' and person_id is null and subject is null`;

/** An issuer of the platform, which the platform could have say anything, binds nobody who reaches secrets. */
const mayBeBoundBy = (owner: string): string =>
  `(${owner}::uuid <> '${PLATFORM_ID}' or not ${reachesSecrets('waiting')})`;

/** One member at most, the oldest: an address that was added twice is not bound twice. */
const BIND = `
  update members set issuer_owner_id = $5, issuer_id = $2, subject = $3,
    revision = revision + 1, updated_at = now()
  where tenant_id = $1 and id = (
    select id from members as waiting
    where tenant_id = $1 and ${WAITS_TO_BE_BOUND} and status = 'active'
      and lower(email) = lower($4) and (issuer_id is null or issuer_id = $2)
      and ${mayBeBoundBy('$5')}
    order by id limit 1 for update)
  returning ${COLUMNS}`;

const FIND_BINDABLE = `
  select ${COLUMNS} from members as waiting
  where tenant_id = $1 and ${WAITS_TO_BE_BOUND} and status = 'active'
    and lower(email) = lower($3) and (issuer_id is null or issuer_id = $2)
    and ${mayBeBoundBy('$4')}
  order by id limit 1`;

/** Suspended members too: they may be reactivated. */
const ROLES_REACHABLE = `
  select distinct held.role
  from members cross join lateral (
    select unnest(roles) as role
    union all
    select jsonb_array_elements(grants) ->> 'role'
  ) as held
  where tenant_id = $1::uuid and status <> 'denied'
    and (issuer_id = $2::uuid or (issuer_id is null and ${WAITS_TO_BE_BOUND}))`;

/** Who can administer a tenant now: not somebody who has yet to come by an address. */
const ADMINS = {
  status: 'active',
  roles: { has: 'tenant-admin' },
  NOT: { kind: 'external', subject: null },
};

/** Columns that a verb may set. */
export type MemberUpdate = Partial<Pick<Member, 'displayName' | 'status'>> & {
  readonly roles?: string[];
  readonly grants?: StoredGrant[];
};

/** What a list of members is narrowed to, and which page of it is wanted. */
export interface MemberFilter {
  readonly after: string | null;
  readonly status: MemberStatus | null;
  readonly kind: MemberKind | null;
  /** Text that the address or the name contains. */
  readonly text: string | null;
  readonly limit: number;
}

@Injectable()
export class MembersRepository {
  constructor(private readonly database: Database) {}

  async findByIdentity(scope: TenantScope, identity: ExternalIdentity): Promise<Member | null> {
    const { issuerId, subject } = identity;
    const values = [scope.tenantId, issuerId, subject];
    const [row] = await this.database.query<Member>(scope, FIND_BY_IDENTITY, values);
    return row ?? null;
  }

  async findActive(scope: TenantScope, id: string): Promise<Member | null> {
    const [row] = await this.database.query<Member>(scope, FIND_ACTIVE, [scope.tenantId, id]);
    return row ?? null;
  }

  /** Across tenants: in which of them a person is, is the person's own to know. */
  async ofPerson(personId: string): Promise<PersonMembership[]> {
    return this.database.queryAcrossTenants<PersonMembership>('members-of-person', OF_PERSON, [
      personId,
    ]);
  }

  async admit(scope: TenantScope, identity: ExternalIdentity): Promise<Member | null> {
    const { issuerId, issuerOwnerId, subject, email, name } = identity;
    const values = [scope.tenantId, newId(), issuerId, subject, email, name, issuerOwnerId];
    const [row] = await this.database.query<Member>(scope, ADMIT, values);
    return row ?? null;
  }

  /** Gives a member that was added by its address the subject that came with that address. */
  async bind(
    scope: TenantScope,
    { issuerId, issuerOwnerId, subject, email }: ExternalIdentity,
  ): Promise<Member | null> {
    const values = [scope.tenantId, issuerId, subject, email, issuerOwnerId];
    const [row] = await this.database.query<Member>(scope, BIND, values);
    return row ?? null;
  }

  /** The member that `bind` would take. */
  async findBindable(
    scope: TenantScope,
    { issuerId, issuerOwnerId, email }: ExternalIdentity,
  ): Promise<Member | null> {
    const values = [scope.tenantId, issuerId, email, issuerOwnerId];
    const [row] = await this.database.query<Member>(scope, FIND_BINDABLE, values);
    return row ?? null;
  }

  /** Every role of those who come by an issuer, or whom a verified address would bind to it. */
  async rolesReachable(
    { query, tenantId }: TenantTransaction,
    issuerId: string,
  ): Promise<string[]> {
    const rows = await query<{ role: string }>(ROLES_REACHABLE, [tenantId, issuerId]);
    return rows.map(({ role }) => role);
  }

  async insert({ tables }: TenantTransaction, id: string, member: NewMember): Promise<void> {
    const { email, displayName = null, roles, issuerId = null, subject = null } = member;
    const grants = storedGrants(member.grants ?? []);
    try {
      await tables.member.create({
        data: { id, email, displayName, roles: [...roles], grants, issuerId, subject },
      });
    } catch (error) {
      const constraint = violatedConstraint(error);
      if (constraint === 'members_identity_per_tenant') throw new MemberExists({ cause: error });
      if (constraint === 'members_issuer') throw new MemberIssuerUnknown({ cause: error });
      throw error;
    }
  }

  /** Takes away what a removal left behind, so that the subject can be added again. */
  async forgetDenial(
    { tables }: TenantTransaction,
    { issuerId, subject }: NewMember,
  ): Promise<void> {
    if (issuerId === undefined || subject === undefined) return;
    await tables.member.deleteMany({ where: { issuerId, subject, status: 'denied' } });
  }

  async list(scope: TenantScope, filter: MemberFilter): Promise<Member[]> {
    const { after, status, kind, text, limit } = filter;
    const pattern = text && `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const values = [scope.tenantId, after, status, kind, pattern, limit];
    return this.database.query<Member>(scope, LIST, values);
  }

  async find(tx: Pick<TenantTransaction, 'tables'>, id: string): Promise<Member | null> {
    const row = await tx.tables.member.findFirst({ where: { id, status: { not: 'denied' } } });
    return row as unknown as Member | null;
  }

  async get(scope: TenantScope, id: string): Promise<Member | null> {
    return this.database.read(scope, (tables) => this.find({ tables }, id));
  }

  async update({ tables }: TenantTransaction, id: string, values: MemberUpdate): Promise<void> {
    await tables.member.updateMany({
      where: { id },
      data: { ...values, revision: { increment: 1 }, updatedAt: new Date() },
    });
  }

  async delete({ tables }: TenantTransaction, id: string): Promise<void> {
    await tables.invitation.deleteMany({ where: { memberId: id } });
    await tables.member.deleteMany({ where: { id } });
  }

  /** Ends what lets a machine in without a token; the ids of the keys that were its. */
  async deleteApiKeys({ query, tenantId }: TenantTransaction, id: string): Promise<string[]> {
    const rows = await query<{ id: string }>(
      'delete from api_keys where tenant_id = $1::uuid and member_id = $2::uuid returning id',
      [tenantId, id],
    );
    // A secret that was rotated out must not come back with its account either.
    await query(
      `update service_accounts set previous_digest = null, previous_until = null
       where tenant_id = $1::uuid and id = $2::uuid`,
      [tenantId, id],
    );
    return rows.map((row) => row.id);
  }

  /** Has every other change of this tenant's members wait until this one is done. */
  async lockAll({ query, tenantId }: TenantTransaction): Promise<void> {
    await query('select id from tenants where id = $1::uuid for no key update', [tenantId]);
  }

  /** How many active admins come by an issuer, and how many do not. */
  async countAdmins(
    { tables }: TenantTransaction,
    issuerId: string,
  ): Promise<{ readonly here: number; readonly elsewhere: number }> {
    const all = await tables.member.count({ where: ADMINS });
    const here = await tables.member.count({ where: { ...ADMINS, issuerId } });
    return { here, elsewhere: all - here };
  }

  /** How many can still administer the tenant, apart from this one. */
  async countOtherAdmins({ tables }: TenantTransaction, id: string): Promise<number> {
    return tables.member.count({
      where: { ...ADMINS, id: { not: id } },
    });
  }
}

/** As Prisma takes them: a list that could be written to. */
type StoredGrant = { -readonly [Field in keyof ResourceGrant]: ResourceGrant[Field] };

export function storedGrants(grants: readonly ResourceGrant[]): StoredGrant[] {
  return grants.map(({ role, resource, expiresAt }) => ({ role, resource, expiresAt }));
}
