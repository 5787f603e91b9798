import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { PersonUnknown } from '../audit.errors.js';
import { AuditTrail } from '../audit-trail.js';

const REASON = 'audit-erasure';

/** A record that tells of somebody: by their id, or by an e-mail address that stands anywhere in it. */
const TELLS = `
  (actor_id = $2 or target_id = $2 or ($3::text is not null and exists (
    select from jsonb_each(personal) kept where lower(kept.value ->> 'value') = lower($3))))`;

/** So many records are looked through at a time: no statement grows with a trail. */
const WINDOW = 10_000;

const KNOWN = `
  select exists (
    select from audit_records where tenant_id = $1 and sequence > $4 and sequence <= $5 and ${TELLS}
  ) as "isKnown"`;

const HEAD = 'select sequence::int8 as sequence from audit_heads where tenant_id = $1';

/** What the guard decided about them is kept apart from the trail. */
const FORGET = `
  delete from decision_receipts where tenant_id = $1
    and receipt -> 'steps' @> jsonb_build_array(jsonb_build_object('step', 'member', 'id', $2::text))`;

/**
 * What somebody's deeds tell of them, what others' deeds upon them do, and their address wherever it
 * stands. `null` stays in place of value and salt: that something was erased is no secret.
 */
const ERASE = `
  with reached as (
    select sequence, at, actor_id = $2 as as_actor, target_id = $2 as as_target
    from audit_records
    where tenant_id = $1 and sequence > $4 and sequence <= $5 and ${TELLS}
  ), erased as (
    update audit_records record set personal = (
      select jsonb_object_agg(key, case
        when reached.as_actor and (key like '/actor/%' or key in ('/ip', '/userAgent')) then 'null'
        when reached.as_target and (key like '/target/%' or key like '/changes/%') then 'null'
        when lower(value ->> 'value') = lower($3) then 'null'
        else value end)
      from jsonb_each(record.personal))
    from reached
    where record.tenant_id = $1 and record.sequence = reached.sequence and record.at = reached.at
      and record.personal <> '{}'
    returning 1
  )
  select count(*)::int as erased from erased`;

/** Who is to be erased: an id as it stands in records, and an e-mail address. */
export interface Erased {
  readonly person: string;
  readonly email?: string | undefined;
}

interface Known {
  readonly isKnown: boolean;
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
    const windows = windowsUpTo(await this.#head(trailId));
    if (!(await this.#isKnown(who, windows))) throw new PersonUnknown();
    // On record first: what is erased half, after a crash, is known to be.
    await this.database.acrossTenants(REASON, (tx) => {
      this.trail.recordUpon(tx, caller, caller.tenant?.id ?? null, {
        deed: 'audit.person_erased',
        target: { kind: 'actor', id: person },
      });
      return Promise.resolve();
    });
    let erased = 0;
    for (const window of windows) {
      const [done] = await this.database.queryAcrossTenants<{ readonly erased: number }>(
        REASON,
        ERASE,
        [...who, ...window],
      );
      erased += done?.erased ?? 0;
    }
    await this.database.queryAcrossTenants(REASON, FORGET, [trailId, person]);
    return erased;
  }

  async #head(trailId: string): Promise<number> {
    const [head] = await this.database.queryAcrossTenants<{ readonly sequence: string }>(
      REASON,
      HEAD,
      [trailId],
    );
    return Number(head?.sequence ?? 0);
  }

  async #isKnown(who: readonly unknown[], windows: readonly Window[]): Promise<boolean> {
    for (const window of windows) {
      const values = [...who, ...window];
      const [known] = await this.database.queryAcrossTenants<Known>(REASON, KNOWN, values);
      if (known?.isKnown) return true;
    }
    return false;
  }
}

/** After one sequence, up to another. */
type Window = readonly [number, number];

function windowsUpTo(head: number): Window[] {
  const windows: Window[] = [];
  for (let after = 0; after < head; after += WINDOW) windows.push([after, after + WINDOW]);
  return windows;
}
