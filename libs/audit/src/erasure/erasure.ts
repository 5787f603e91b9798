import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { PersonUnknown } from '../audit.errors.js';
import { AuditTrail } from '../audit-trail.js';

const REASON = 'audit-erasure';
/** So many records in one transaction: appending to the trail goes on between them. */
const BATCH = 1_000;

/** A record that tells of somebody: by their id, or by an e-mail address that stands anywhere in it. */
const TELLS = `
  (actor_id = $2 or target_id = $2 or ($3::text is not null and exists (
    select from jsonb_each(personal) kept where lower(kept.value ->> 'value') = lower($3))))`;

const KNOWN = `
  select exists (select from audit_records where tenant_id = $1 and ${TELLS}) as "isKnown"`;

/**
 * What somebody's deeds tell of them, what others' deeds upon them do, and their address wherever it
 * stands. `null` stays in place of value and salt: that something was erased is no secret.
 */
const ERASE = `
  with reached as (
    select sequence, at, personal, actor_id = $2 as as_actor, target_id = $2 as as_target
    from audit_records
    where tenant_id = $1 and sequence > $4 and ${TELLS}
    order by sequence limit $5
  ), erased as (
    update audit_records record set personal = (
      select jsonb_object_agg(key, case
        when reached.as_actor and (key like '/actor/%' or key in ('/ip', '/userAgent')) then 'null'
        when reached.as_target and (key like '/target/%' or key like '/changes/%') then 'null'
        when lower(value ->> 'value') = lower($3) then 'null'
        else value end)
      from jsonb_each(reached.personal))
    from reached
    where record.tenant_id = $1 and record.sequence = reached.sequence and record.at = reached.at
      and reached.personal <> '{}'
    returning 1
  )
  select (select count(*)::int from erased) as erased, max(sequence) as last from reached`;

/** Who is to be erased: an id as it stands in records, and an e-mail address. */
export interface Erased {
  readonly person: string;
  readonly email?: string | undefined;
}

interface Known {
  readonly isKnown: boolean;
}

interface Batch {
  readonly erased: number;
  readonly last: string | null;
}

/**
 * Erases a person from a trail: names, addresses, subjects and programs go with the salts of their
 * commitments, so that nobody can so much as guess them; the records stand, and so does the chain.
 */
@Injectable()
export class Erasure {
  constructor(
    private readonly database: Database,
    private readonly trail: AuditTrail,
  ) {}

  /** Answers how many records told something of them. Throws `PersonUnknown`. */
  async erase(caller: Caller, trailId: string, { person, email }: Erased): Promise<number> {
    const who = [trailId, person, email ?? null];
    const [known] = await this.database.queryAcrossTenants<Known>(REASON, KNOWN, who);
    if (!known?.isKnown) throw new PersonUnknown();
    // On record first: what is erased half, after a crash, is known to be.
    await this.database.acrossTenants(REASON, (tx) => {
      this.trail.recordUpon(tx, caller, caller.tenant?.id ?? null, {
        deed: 'audit.person_erased',
        target: { kind: 'actor', id: person },
      });
      return Promise.resolve();
    });
    let erased = 0;
    for (let last: string | null = '0'; last !== null;) {
      const [batch]: Batch[] = await this.database.queryAcrossTenants<Batch>(REASON, ERASE, [
        ...who,
        ...[last, BATCH],
      ]);
      erased += batch?.erased ?? 0;
      last = batch?.last ?? null;
    }
    return erased;
  }
}
