import { Injectable } from '@nestjs/common';

import { assertGrantable, type Caller, type GivenRole } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { CursorCodec, type Page, pageOf } from '@tenantry/http';
import { Clock, isUuid, newId, type TenantScope } from '@tenantry/kernel';
import { ClaimsRegistry, issuerKey } from './claims-registry.js';
import type { Issuer, Registration } from './issuer.js';
import { IssuerLimitReached, IssuerNotFound } from './issuers.errors.js';
import { IssuersRepository, type IssuerUpdate } from './issuers.repository.js';
import { RegistrationCheck } from './registration-check.js';
import { Validator } from './validator.js';

const LIST = 'issuers';
const ISSUERS_MAX = 100;
const FIRST_VERDICT_WAIT_MS = 10_000;
const UNPROVEN = 'ownership_unproven';

/** Which page of a tenant's issuers is wanted. */
export interface IssuerQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** What a verb does to an issuer: the deed on record, and the columns that change. */
interface Verb {
  readonly deed: Deed['deed'];
  readonly changes: NonNullable<Deed['changes']>;
  readonly update: IssuerUpdate;
}

@Injectable()
export class IssuersService {
  constructor(
    private readonly database: Database,
    private readonly issuers: IssuersRepository,
    private readonly claims: ClaimsRegistry,
    private readonly validator: Validator,
    private readonly check: RegistrationCheck,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  /**
   * Registers an issuer. One that a platform admin registers is trusted after its first good
   * check; one that a tenant registers waits until its ownership is proven, and claims nothing.
   */
  async register(caller: Caller, registration: Registration, isAwaited: boolean): Promise<Issuer> {
    assertGrantable(caller, rolesWithin(registration));
    await this.check.assertTrustworthy(registration);
    const id = newId();
    const isProven = caller.actor.isPlatform;
    await this.database.within(caller.scope, async (tx) => {
      if ((await this.issuers.count(tx)) >= ISSUERS_MAX) throw new IssuerLimitReached(ISSUERS_MAX);
      await this.issuers.insert(tx, id, registration, isProven ? this.clock.now() : null);
      if (isProven) await this.claims.claim(tx, id, registration);
      else await this.#awaitProof(tx, id, registration);
      await this.issuers.reportHealth(tx);
      this.audit.record(tx, caller, {
        deed: 'issuer.registered',
        target: { kind: 'issuer', id, name: registration.issuer },
        changes: registeredFields(registration),
      });
      announce(tx, id, registration.issuer);
    });
    if (isProven) await this.#firstVerdict(caller.scope, id, isAwaited);
    return this.#found(caller.scope, id);
  }

  async list({ scope }: Caller, { limit, cursor }: IssuerQuery): Promise<Page<Issuer>> {
    const { tenantId } = scope;
    const after = cursor ? String(this.cursors.decode(LIST, tenantId, cursor)[0]) : null;
    const rows = await this.issuers.list(scope, { after, limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      (row) => row,
      ({ id }) => this.cursors.encode(LIST, tenantId, [id]),
    );
  }

  async get({ scope }: Caller, id: string): Promise<Issuer> {
    return this.#found(scope, id);
  }

  /** Refuses the issuer's tokens from now on, on every node; its claim stays. */
  async disable(caller: Caller, id: string): Promise<Issuer> {
    return this.#act(caller, id, ({ status }) => ({
      deed: 'issuer.disabled',
      changes: { status: { before: status, after: 'disabled' } },
      update: { status: 'disabled' },
    }));
  }

  /** Trusts the issuer again, after a check: its keys may be others by now. */
  async enable(caller: Caller, id: string): Promise<Issuer> {
    const issuer = await this.#act(caller, id, (found) => {
      assertGrantable(caller, rolesWithin(found));
      return {
        deed: 'issuer.enabled',
        changes: { status: { before: found.status, after: 'enabled' } },
        update: { status: 'enabled' },
      };
    });
    if (issuer.ownershipProvenAt) await this.validator.recheck(caller.scope, id);
    return this.#found(caller.scope, id);
  }

  /** Checks the issuer now: waits for the check under way, then looks once more. */
  async recheck(caller: Caller, id: string): Promise<Issuer> {
    const issuer = await this.#found(caller.scope, id);
    // Nobody makes us fetch from a host that nobody has shown to be theirs.
    if (issuer.ownershipProvenAt) await this.validator.recheck(caller.scope, id);
    await this.database.within(caller.scope, (tx) => {
      this.audit.record(tx, caller, {
        deed: 'issuer.rechecked',
        target: { kind: 'issuer', id, name: issuer.issuer },
      });
      return Promise.resolve();
    });
    return this.#found(caller.scope, id);
  }

  /** A platform admin vouches that the tenant owns the issuer. */
  async approve(caller: Caller, id: string): Promise<Issuer> {
    const { scope } = caller;
    await this.database.within(scope, async (tx) => {
      const issuer = await this.#locked(tx, id);
      if (issuer.ownershipProvenAt) return;
      await this.claims.claim(tx, id, issuer);
      await this.issuers.update(
        tx,
        id,
        { ownershipProvenAt: this.clock.now(), healthReason: null },
        true,
      );
      this.audit.record(tx, caller, {
        deed: 'issuer.approved',
        target: { kind: 'issuer', id, name: issuer.issuer },
      });
      announce(tx, id, issuer.issuer);
    });
    await this.#firstVerdict(scope, id, true);
    return this.#found(scope, id);
  }

  /** Ends the trust. The claim is held until the longest-lived token has expired. */
  async remove(caller: Caller, id: string): Promise<void> {
    await this.database.within(caller.scope, async (tx) => {
      const issuer = await this.#locked(tx, id);
      await this.issuers.delete(tx, id);
      await this.claims.release(tx, id);
      await this.issuers.reportHealth(tx);
      this.audit.record(tx, caller, {
        deed: 'issuer.removed',
        target: { kind: 'issuer', id, name: issuer.issuer },
      });
      announce(tx, id, issuer.issuer);
    });
  }

  async #awaitProof(tx: TenantTransaction, id: string, registration: Registration): Promise<void> {
    await this.claims.assertFree(tx, id, registration);
    await this.issuers.confirm(tx, id, { healthReason: UNPROVEN });
  }

  async #act(caller: Caller, id: string, verbOf: (issuer: Issuer) => Verb): Promise<Issuer> {
    await this.database.within(caller.scope, async (tx) => {
      const issuer = await this.#locked(tx, id);
      const { deed, changes, update } = verbOf(issuer);
      if (update.status === issuer.status) return;
      // Verdicts under way looked at another configuration.
      await this.issuers.update(tx, id, update, true);
      await this.issuers.reportHealth(tx);
      const target = { kind: 'issuer', id, name: issuer.issuer };
      this.audit.record(tx, caller, { deed, target, changes });
      announce(tx, id, issuer.issuer);
    });
    return this.#found(caller.scope, id);
  }

  /** Waits for the first verdict where that is wanted; what it says is never this call's error. */
  async #firstVerdict(scope: TenantScope, id: string, isAwaited: boolean): Promise<void> {
    if (!isAwaited) {
      this.validator.checkInBackground(scope, id);
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FIRST_VERDICT_WAIT_MS);
    });
    await Promise.race([this.validator.check(scope, id), limit]);
    clearTimeout(timer);
  }

  async #locked(tx: TenantTransaction, id: string): Promise<Issuer> {
    const issuer = isUuid(id) ? await this.issuers.lock(tx, id) : null;
    if (!issuer) throw new IssuerNotFound();
    return issuer;
  }

  async #found(scope: TenantScope, id: string): Promise<Issuer> {
    const issuer = isUuid(id) ? await this.issuers.get(scope, id) : null;
    if (!issuer) throw new IssuerNotFound();
    return issuer;
  }
}

function announce(tx: TenantTransaction, id: string, issuer: string): void {
  tx.announce({ kind: 'issuer', id, tenantId: tx.tenantId, key: issuerKey(issuer) });
}

/** Every role that somebody may come to have by this registration. */
function rolesWithin({ roles, roleMapping }: Registration): GivenRole[] {
  return [
    ...roles.map((role, index) => ({ role, pointer: `/roles/${index}` })),
    ...roleMapping.map(({ role }, index) => ({ role, pointer: `/roleMapping/${index}/role` })),
  ];
}

function registeredFields(registration: Registration): NonNullable<Deed['changes']> {
  const { issuer, audiences, algorithms, match, admission, roles, roleMapping } = registration;
  const fields = {
    issuer,
    audiences,
    keys: registration.keySource.kind,
    algorithms,
    match,
    admission,
    roles,
    roleMapping,
  };
  return Object.fromEntries(Object.entries(fields).map(([name, after]) => [name, { after }]));
}
