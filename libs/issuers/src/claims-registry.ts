import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import { isStorable, newId, PLATFORM_ID } from '@tenantry/kernel';
import { type Registration, urlsOf } from './issuer.js';
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
    order by match_claim, match_fold limit 1
  ) as claimed
  cross join lateral (
    (select registration_id, tenant_id from issuer_claims
     where issuer = $1 and audience = token.audience and match_claim is null
       and held_until is null
     order by match_claim, match_fold limit 2)
    union all
    (select matched.registration_id, matched.tenant_id
     from unnest($3::text[], $4::text[], $5::text[]) as claim (name, value, fold)
     cross join lateral (
       select registration_id, tenant_id from issuer_claims
       where issuer = $1 and audience = token.audience and match_claim = claim.name
         and match_fold = claim.fold and match_value = claim.value and held_until is null
       limit 2
     ) as matched)
  ) as found
  limit 2`;

const IS_KNOWN = `
  select 1 from issuer_claims where issuer = $1 and held_until is null order by audience limit 1`;

/** A tenant may take up again what it held itself: those tokens were its own. */
const LIVE = `
  issuer = url.issuer and audience = wanted.audience and registration_id <> $3::uuid
  and (held_until is null or (held_until > now() and tenant_id <> $4::uuid))`;

/**
 * Two registrations are disjoint by another URL, by having no audience in common, or by the same
 * discriminator with different values. Different discriminators do not do: a token may carry both.
 */
const FIND_OVERLAP = `
  select 1 as taken
  from unnest($1::text[]) as url (issuer)
  cross join unnest($2::text[]) as wanted (audience)
  cross join lateral (
    (select 1 from issuer_claims where ${LIVE} and $5::text is null limit 1)
    union all
    (select 1 from issuer_claims where ${LIVE} and match_claim is null limit 1)
    union all
    (select 1 from issuer_claims where ${LIVE} and match_claim < $5 limit 1)
    union all
    (select 1 from issuer_claims where ${LIVE} and match_claim > $5 limit 1)
    union all
    (select 1 from issuer_claims where ${LIVE} and match_claim = $5 and match_fold = $6 limit 1)
  ) as overlap
  limit 1`;

/** Whose tokens a registration claims. */
export type TokenClaim = Pick<Registration, 'issuer' | 'issuerAliases' | 'audiences' | 'match'>;

/** Whether two registrations claim the very same tokens. */
export function isSameClaim(one: TokenClaim, other: TokenClaim): boolean {
  const of = (claim: TokenClaim): string =>
    JSON.stringify([urlsOf(claim).toSorted(), claim.audiences.toSorted(), matchOf(claim)]);
  return of(one) === of(other);
}

/** A registration, by whose it is. */
export interface RegistrationKey {
  readonly registrationId: string;
  /** `PLATFORM_ID` for an issuer of the platform. */
  readonly tenantId: string;
}

/** The name under which the change feed knows an issuer URL. */
export function issuerKey(issuer: string): string {
  return createHash('sha256').update(issuer).digest('hex');
}

/**
 * The registry over all tenants of whose tokens are whose. Written under an advisory lock on the
 * issuer URLs, so that two registrations at the same moment cannot both find them free.
 */
@Injectable()
export class ClaimsRegistry {
  constructor(private readonly database: Database) {}

  /** Claims the tokens for a registration, or throws `IssuerNotDisjoint`. */
  async claim(tx: TenantTransaction, registrationId: string, claim: TokenClaim): Promise<void> {
    const urls = urlsOf(claim);
    await tx.acrossTenants(REASON, async () => {
      await lock(tx, urls);
      await assertFree(tx, registrationId, claim);
      // What has been held long enough, and what this tenant held for itself and takes up again.
      await tx.query(
        `delete from issuer_claims where issuer = any($1::text[]) and (held_until < now() or (
           held_until is not null and tenant_id = $2::uuid and audience = any($3::text[])
           and match_claim is not distinct from $4 and match_value is not distinct from $5))`,
        [urls, tx.tenantId, claim.audiences, ...matchOf(claim).slice(0, 2)],
      );
      await tx.query(
        `insert into issuer_claims
           (registration_id, tenant_id, issuer, audience, match_claim, match_value, match_fold)
         select $1::uuid, $2::uuid, issuer, audience, $3, $4, $5
         from unnest($6::text[]) as issuer cross join unnest($7::text[]) as audience`,
        [registrationId, tx.tenantId, ...matchOf(claim), urls, claim.audiences],
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
   * Lets a registration's claim go, after the longest life of its tokens: until then a token that
   * was meant for this tenant must not open another.
   */
  async release(tx: TenantTransaction, registrationId: string): Promise<void> {
    await tx.acrossTenants(REASON, async () => {
      // Under a name of its own, so that the registration may go on to claim something else.
      await tx.query(
        `update issuer_claims
         set registration_id = $2::uuid, held_until = now() + make_interval(secs => $3)
         where registration_id = $1::uuid and held_until is null`,
        [registrationId, newId(), LONGEST_TOKEN_LIFE_SECONDS],
      );
    });
  }

  /** Those of the URLs that are an issuer's of the platform. */
  async ofPlatform(tx: TenantTransaction, urls: readonly string[]): Promise<string[]> {
    const rows = await tx.acrossTenants(REASON, () =>
      tx.query<{ issuer: string }>(
        `select distinct issuer from issuer_claims
         where issuer = any($1::text[]) and tenant_id = $2::uuid and held_until is null`,
        [urls, PLATFORM_ID],
      ),
    );
    return rows.map(({ issuer }) => issuer);
  }

  /** Every registration that this token can belong to: found by exact look-ups, however many there are. */
  async find(claims: Readonly<Record<string, unknown>>): Promise<RegistrationKey[]> {
    const texts = Object.entries(claims).filter(isText);
    const audiences = [claims['aud']].flat().filter(isStorable);
    // Looked at in part, a token that matches two registrations could seem to match one.
    if (texts.length > TEXTS_MAX || audiences.length > AUDIENCES_MAX) return [];
    const rows = await this.database.queryAcrossTenants<{
      readonly registration_id: string;
      readonly tenant_id: string;
    }>('issuer-of-token', FIND, [
      claims['iss'],
      audiences,
      texts.map(([name]) => name),
      texts.map(([, value]) => value),
      texts.map(([, value]) => fold(value)),
    ]);
    return rows.map((row) => ({ registrationId: row.registration_id, tenantId: row.tenant_id }));
  }

  /** Whether any registration at all speaks for this issuer. */
  async isKnown(issuer: string): Promise<boolean> {
    const rows = await this.database.queryAcrossTenants('issuer-of-token', IS_KNOWN, [issuer]);
    return rows.length > 0;
  }
}

/** One form of all spellings: nobody may claim `ACME.example` beside somebody's `acme.example`. */
function fold(value: string): string {
  return value.normalize('NFKC').toLowerCase().normalize('NFKC');
}

function isText(entry: [string, unknown]): entry is [string, string] {
  return entry.every((text) => isStorable(text) && text.length <= TEXT_LENGTH_MAX);
}

function matchOf({ match }: TokenClaim): readonly [string | null, string | null, string | null] {
  return match ? [match.claim, match.value, fold(match.value)] : [null, null, null];
}

/** Always in the same order, so that two registrations with several URLs never wait for each other. */
async function lock({ query }: TenantTransaction, urls: readonly string[]): Promise<void> {
  for (const url of urls.toSorted()) {
    const key = createHash('sha256').update(url).digest().readBigInt64BE(0);
    await query('select pg_advisory_xact_lock($1::bigint)::text', [key]);
  }
}

async function assertFree(
  { query, tenantId }: TenantTransaction,
  registrationId: string,
  claim: TokenClaim,
): Promise<void> {
  const [name, , folded] = matchOf(claim);
  const values = [urlsOf(claim), claim.audiences, registrationId, tenantId, name, folded];
  if ((await query(FIND_OVERLAP, values)).length > 0) throw new IssuerNotDisjoint();
}
