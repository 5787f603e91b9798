import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import { areDisjoint, type TokenClaim } from './issuer.js';
import { IssuerNotDisjoint } from './issuers.errors.js';

const REASON = 'issuer-claims';
/** Beyond what any provider gives a token, and short enough to wait for. */
const LONGEST_TOKEN_LIFE_SECONDS = 86_400;
const TEXT_LENGTH_MAX = 255;
const TEXTS_MAX = 100;
const AUDIENCES_MAX = 20;

/**
 * Look-ups of the whole index key, one by one, however many registrations an issuer has: for each
 * audience that anybody claimed, those without a discriminator, and those of each claim that the
 * token carries. The limits keep the planner from reading all of an issuer's rows at once, and the
 * orders from reading the table instead.
 */
const FIND = `
  select distinct found.registration_id, found.tenant_id
  from unnest($2::text[]) as token (audience)
  cross join lateral (
    select from issuer_claims where issuer = $1 and audience = token.audience
    order by match_claim, match_value limit 1
  ) as claimed
  cross join lateral (
    (select registration_id, tenant_id from issuer_claims
     where issuer = $1 and audience = token.audience and match_claim is null
       and held_until is null
     order by match_claim, match_value limit 2)
    union all
    (select matched.registration_id, matched.tenant_id
     from unnest($3::text[], $4::text[]) as claim (name, value)
     cross join lateral (
       select registration_id, tenant_id from issuer_claims
       where issuer = $1 and audience = token.audience
         and match_claim = claim.name and match_value = claim.value and held_until is null
       limit 2
     ) as matched)
  ) as found
  limit 2`;

const IS_KNOWN = `
  select 1 from issuer_claims where issuer = $1 and held_until is null order by audience limit 1`;

interface ClaimRow {
  readonly registration_id: string;
  readonly tenant_id: string;
  readonly audience: string;
  readonly match_claim: string | null;
  readonly match_value: string | null;
}

/** A registration, by whose it is. */
export interface RegistrationKey {
  readonly registrationId: string;
  readonly tenantId: string;
}

/** The name under which the change feed knows an issuer URL. */
export function issuerKey(issuer: string): string {
  return createHash('sha256').update(issuer).digest('hex');
}

/**
 * The registry over all tenants of whose tokens are whose. Written under an advisory lock on the
 * issuer URL, so that two registrations at the same moment cannot both find it free.
 */
@Injectable()
export class ClaimsRegistry {
  constructor(private readonly database: Database) {}

  /** Claims the tokens for a registration, or throws `IssuerNotDisjoint`. */
  async claim(tx: TenantTransaction, registrationId: string, claim: TokenClaim): Promise<void> {
    await tx.acrossTenants(REASON, async () => {
      await lock(tx, claim.issuer);
      await assertFree(tx, registrationId, claim);
      await tx.query('delete from issuer_claims where issuer = $1 and held_until < now()', [
        claim.issuer,
      ]);
      await tx.query(
        `insert into issuer_claims
           (registration_id, tenant_id, issuer, audience, match_claim, match_value)
         select $1::uuid, $2::uuid, $3, audience, $4, $5 from unnest($6::text[]) as audience`,
        [
          registrationId,
          tx.tenantId,
          claim.issuer,
          claim.match?.claim ?? null,
          claim.match?.value ?? null,
          claim.audiences,
        ],
      );
    });
  }

  /** Throws `IssuerNotDisjoint` where the tokens are claimed already; claims nothing. */
  async assertFree(
    tx: TenantTransaction,
    registrationId: string,
    claim: TokenClaim,
  ): Promise<void> {
    await tx.acrossTenants(REASON, () => assertFree(tx, registrationId, claim));
  }

  /**
   * Lets a deleted registration's claim go, after the longest life of its tokens: until then a
   * token that was meant for this tenant must not open another.
   */
  async release(tx: TenantTransaction, registrationId: string): Promise<void> {
    await tx.acrossTenants(REASON, async () => {
      await tx.query(
        `update issuer_claims set held_until = now() + make_interval(secs => $2)
         where registration_id = $1::uuid`,
        [registrationId, LONGEST_TOKEN_LIFE_SECONDS],
      );
    });
  }

  /** Every registration that this token can belong to: found by exact look-ups, however many there are. */
  async find(claims: Readonly<Record<string, unknown>>): Promise<RegistrationKey[]> {
    const texts = Object.entries(claims).filter(isText);
    const audiences = [claims['aud']].flat().filter((name) => typeof name === 'string');
    // Looked at in part, a token that matches two registrations could seem to match one.
    if (texts.length > TEXTS_MAX || audiences.length > AUDIENCES_MAX) return [];
    const rows = await this.database.queryAcrossTenants<ClaimRow>('issuer-of-token', FIND, [
      claims['iss'],
      audiences,
      texts.map(([name]) => name),
      texts.map(([, value]) => value),
    ]);
    return rows.map((row) => ({ registrationId: row.registration_id, tenantId: row.tenant_id }));
  }

  /** Whether any registration at all speaks for this issuer. */
  async isKnown(issuer: string): Promise<boolean> {
    const rows = await this.database.queryAcrossTenants('issuer-of-token', IS_KNOWN, [issuer]);
    return rows.length > 0;
  }
}

function isText(entry: [string, unknown]): entry is [string, string] {
  const [name, value] = entry;
  return (
    typeof value === 'string' && value.length <= TEXT_LENGTH_MAX && name.length <= TEXT_LENGTH_MAX
  );
}

async function lock({ query }: TenantTransaction, issuer: string): Promise<void> {
  const key = createHash('sha256').update(issuer).digest().readBigInt64BE(0);
  await query('select pg_advisory_xact_lock($1::bigint)::text', [key]);
}

async function assertFree(
  { query, tenantId }: TenantTransaction,
  registrationId: string,
  claim: TokenClaim,
): Promise<void> {
  // A tenant may take up again what it held itself: those tokens were its own.
  const rows = await query<ClaimRow>(
    `select registration_id, tenant_id, audience, match_claim, match_value from issuer_claims
     where issuer = $1 and audience = any($2::text[]) and registration_id <> $3::uuid
       and (held_until is null or (held_until > now() and tenant_id <> $4::uuid))
       and (match_claim is null or $5::text is null or match_claim <> $5 or match_value = $6)
     limit 1`,
    [
      claim.issuer,
      claim.audiences,
      registrationId,
      tenantId,
      claim.match?.claim ?? null,
      claim.match?.value ?? null,
    ],
  );
  const isTaken = rows.some((row) => !areDisjoint(claim, claimOf(claim.issuer, row)));
  if (isTaken) throw new IssuerNotDisjoint();
}

function claimOf(issuer: string, row: ClaimRow): TokenClaim {
  const { audience, match_claim: name, match_value: value } = row;
  return {
    issuer,
    audiences: [audience],
    match: name === null || value === null ? null : { claim: name, value },
  };
}
