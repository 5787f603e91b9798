import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail, type Deed, Refusals } from '@tenantry/audit';
import { Clock, DomainError } from '@tenantry/kernel';
import { DataKeyEnded, DataKeys } from '../keys/data-keys.js';
import { contextOf } from '../sealing-context.js';
import { type SecretValue, valueOf } from '../secret-value.js';
import { SecretServerOnly, VaultSealed } from '../secrets.errors.js';
import { type Asked, RevealLookup, type Wanted } from './reveal-lookup.js';
import { RevealCounts } from './reveal-counts.js';
import { openable, refusalOf } from './reveal-rules.js';

/** A key may leave memory, or end, between a look and the next; not again and again. */
const LOOKS_MAX = 4;
const RETRY_AFTER_SECONDS = 1;

/** One value, in clear. */
export interface Revealed {
  readonly name: string;
  readonly version: number;
  readonly value: SecretValue;
}

/** Opens values for services: every one is on record before it is answered, and every refusal too. */
@Injectable()
export class RevealService {
  constructor(
    private readonly lookup: RevealLookup,
    private readonly keys: DataKeys,
    private readonly audit: AuditTrail,
    private readonly refusals: Refusals,
    private readonly counts: RevealCounts,
    private readonly clock: Clock,
  ) {}

  /** All of them, or none. `version`: of a single one, which; else the current. */
  async reveal(
    caller: Caller,
    names: readonly string[],
    version: number | null = null,
  ): Promise<Revealed[]> {
    const { actor, scope } = caller;
    if (actor.kind !== 'service') {
      throw await this.#refused(caller, new SecretServerOnly(), names.map(unknown));
    }
    const engineId = actor.isPlatform ? actor.id : null;
    const asked = await this.#decided(caller, { names, version, engineId });
    const revealed = await this.#openAll(caller, asked);
    await this.audit.recordNow(scope, caller, asked.map(deedOf));
    this.counts.revealed(caller, asked.length);
    return revealed;
  }

  /**
   * What is revealed, with the keys at hand. Where a key had to be asked for, all of it is looked at
   * again: a seal, a deletion or a withdrawn consent of meanwhile counts.
   */
  async #decided(caller: Caller, wanted: Wanted): Promise<Asked[]> {
    const warmed = new Set<string>();
    for (let look = 1; look <= LOOKS_MAX; look += 1) {
      const asked = await this.lookup.find(caller.scope, wanted);
      await this.#assertAll(caller, asked);
      if (!(await this.#warmCold(caller, asked, warmed))) return asked;
    }
    throw new VaultSealed(RETRY_AFTER_SECONDS);
  }

  /** Asks once for each key that is not fresh; answers whether there was one. */
  async #warmCold(caller: Caller, asked: readonly Asked[], warmed: Set<string>): Promise<boolean> {
    const { tenantId } = caller.scope;
    const before = warmed.size;
    for (const one of asked) {
      const { key } = openable(one);
      if (warmed.has(key.id) || this.keys.isFresh(tenantId, key.id)) continue;
      warmed.add(key.id);
      await this.#warm(caller, one);
    }
    return warmed.size > before;
  }

  async #warm(caller: Caller, asked: Asked): Promise<void> {
    try {
      await this.keys.warm(caller.scope.tenantId, openable(asked).key);
    } catch (error) {
      // The next look tells what became of it.
      if (error instanceof DataKeyEnded) return;
      if (error instanceof DomainError) await this.#refused(caller, error, [asked]);
      throw error;
    }
  }

  /** Each name that is refused stands on record; the first of them is the answer. */
  async #assertAll(caller: Caller, asked: readonly Asked[]): Promise<void> {
    const now = this.clock.now();
    const isBatch = asked.length > 1;
    const refused = asked.flatMap((one, index) => {
      const error = refusalOf(one, now, isBatch ? `/names/${index}` : undefined);
      return error ? [{ one, error }] : [];
    });
    for (const { one, error } of refused) await this.#refused(caller, error, [one]);
    const [first] = refused;
    if (first) throw first.error;
  }

  async #openAll(caller: Caller, asked: readonly Asked[]): Promise<Revealed[]> {
    const revealed: Revealed[] = [];
    for (const one of asked) {
      try {
        revealed.push(this.#open(caller.scope.tenantId, one));
      } catch (error) {
        if (error instanceof DomainError) await this.#refused(caller, error, [one]);
        throw error;
      }
    }
    return revealed;
  }

  /** Without waiting: what was decided a moment ago still holds. */
  #open(tenantId: string, asked: Asked): Revealed {
    const { name, secretId, version, encoding, sealed, key } = openable(asked);
    const context = contextOf({ tenantId, secretId, name, version, encoding });
    const opened = this.keys.usingHeld(tenantId, key.id, (opening) =>
      opening.open(sealed, context),
    );
    if (!opened) throw new VaultSealed(RETRY_AFTER_SECONDS);
    const value = valueOf({ bytes: opened.result, encoding });
    opened.result.fill(0);
    return { name, version, value };
  }

  async #refused(
    caller: Caller,
    error: DomainError,
    asked: readonly Asked[],
  ): Promise<DomainError> {
    this.counts.refused(asked.length);
    await this.refusals.noteDeeds(caller, error, asked.map(deedOf));
    return error;
  }
}

/** A name that was not looked up: who asked may not know whether it stands for anything. */
function unknown(name: string): Asked {
  return {
    ...{ name, id: null, version: null },
    ...{ isVaultSealed: false, isConsented: false, isTooMuch: false },
  };
}

function deedOf({ name, id, version }: Asked): Deed {
  return {
    deed: 'secret.revealed',
    target: { kind: 'secret', id: id ?? 'unknown', name },
    changes: version
      ? { version: { after: version.version }, keyId: { after: version.keyId } }
      : {},
  };
}
