import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import { isUuid, PLATFORM_ID, type TenantScope } from '@tenantry/kernel';
import { bestOf, type HealthState } from './health.js';
import type { Issuer, OwnershipMethod, Registration } from './issuer.js';
import { IssuerNotFound } from './issuers.errors.js';
import { type IssuerRow, rowOf, toIssuer } from './issuer-row.js';

/** What is wanted of a list: one page, oldest first. */
export interface IssuerPage {
  readonly after: string | null;
  readonly limit: number;
}

/** Columns that a verdict, or a verb, sets. */
export type IssuerUpdate = Partial<
  Pick<
    IssuerRow,
    | 'status'
    | 'healthState'
    | 'healthReason'
    | 'healthSince'
    | 'lastCheckedAt'
    | 'nextCheckAt'
    | 'checkSettled'
    | 'checksFailed'
    | 'keySetConfirmedAt'
    | 'registeredBy'
    | 'signInClientId'
  >
> & {
  readonly keySet?: object;
  readonly distrustedKeys?: object;
  readonly signInClientSecret?: Uint8Array<ArrayBuffer> | null;
};

/** What is known of a tenant's ownership of an issuer. */
export interface Ownership {
  readonly ownershipProvenAt: Date | null;
  readonly ownershipMethod: OwnershipMethod | null;
  readonly ownershipChallenge: string;
}

@Injectable()
export class IssuersRepository {
  constructor(private readonly database: Database) {}

  async insert(
    { tables }: TenantTransaction,
    id: string,
    registration: Registration,
    values: Ownership & IssuerUpdate,
  ): Promise<void> {
    await tables.issuer.create({ data: { id, ...values, ...rowOf(registration) } });
  }

  async find({ tables }: TenantTransaction, id: string): Promise<Issuer | null> {
    const row = await tables.issuer.findFirst({ where: { id } });
    return row && toIssuer(row);
  }

  /** The issuer, held as it is until the transaction ends; throws `IssuerNotFound`. */
  async lock(tx: TenantTransaction, id: string): Promise<Issuer> {
    const issuer = isUuid(id) ? await this.lockIfThere(tx, id) : null;
    if (!issuer) throw new IssuerNotFound();
    return issuer;
  }

  async lockIfThere(tx: TenantTransaction, id: string): Promise<Issuer | null> {
    await tx.query(
      'select 1 from issuers where tenant_id = $1::uuid and id = $2::uuid for update',
      [tx.tenantId, id],
    );
    return this.find(tx, id);
  }

  async get(scope: TenantScope, id: string): Promise<Issuer | null> {
    const row = await this.database.read(scope, ({ issuer }) =>
      issuer.findFirst({ where: { id } }),
    );
    return row && toIssuer(row);
  }

  /** Throws `IssuerNotFound`. */
  async require(scope: TenantScope, id: string): Promise<Issuer> {
    const issuer = isUuid(id) ? await this.get(scope, id) : null;
    if (!issuer) throw new IssuerNotFound();
    return issuer;
  }

  async list(scope: TenantScope, { after, limit }: IssuerPage): Promise<Issuer[]> {
    const rows = await this.database.read(scope, ({ issuer }) =>
      issuer.findMany({
        where: after === null ? {} : { id: { gt: after } },
        orderBy: { id: 'asc' },
        take: limit,
      }),
    );
    return rows.map(toIssuer);
  }

  async count({ tables }: TenantTransaction): Promise<number> {
    return tables.issuer.count();
  }

  async update({ tables }: TenantTransaction, id: string, values: IssuerUpdate): Promise<void> {
    await tables.issuer.updateMany({
      where: { id },
      data: { ...values, revision: { increment: 1 }, updatedAt: new Date() },
    });
  }

  /** A change of what is trusted: verdicts under way looked at another configuration, and are void. */
  async reconfigure(
    { tables }: TenantTransaction,
    id: string,
    {
      registration,
      ...values
    }: IssuerUpdate & Partial<Ownership> & { readonly registration?: Registration },
  ): Promise<void> {
    await tables.issuer.updateMany({
      where: { id },
      data: {
        ...values,
        ...(registration ? rowOf(registration) : {}),
        revision: { increment: 1 },
        epoch: { increment: 1 },
        updatedAt: new Date(),
      },
    });
  }

  /** Notes that an issuer was looked at and is as it was: no new revision, nobody to tell. */
  async confirm({ tables }: TenantTransaction, id: string, values: IssuerUpdate): Promise<void> {
    await tables.issuer.updateMany({ where: { id }, data: values });
  }

  /** Numbers a check that begins; null where the issuer is gone. */
  async beginCheck(
    scope: TenantScope,
    id: string,
  ): Promise<{ readonly epoch: number; readonly check: number } | null> {
    const [row] = await this.database.query<{ epoch: number; check: number }>(
      scope,
      `update issuers set checks_begun = checks_begun + 1
       where tenant_id = $1 and id = $2 returning epoch, checks_begun as check`,
      [scope.tenantId, id],
    );
    return row ?? null;
  }

  async delete({ tables }: TenantTransaction, id: string): Promise<void> {
    await tables.issuer.deleteMany({ where: { id } });
  }

  /**
   * The guests' registrations of the tenant that speak for one of these audiences of an `iss`.
   * A look-up of its own: nothing of a guest's stands in the registry of whose tokens are whose.
   */
  async guestsOf(
    scope: TenantScope,
    { iss, audiences }: { readonly iss: string; readonly audiences: readonly string[] },
  ): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      scope,
      `select id::text as id from issuers
       where tenant_id = $1::uuid and guest is not null and status = 'enabled'
         and ownership_proven_at is not null and (issuer = $2 or $2 = any(issuer_aliases))
         and audiences && $3::text[]`,
      [scope.tenantId, iss, audiences],
    );
    return rows.map(({ id }) => id);
  }

  /** Makes the tenant's issuer facet the best of its enabled issuers; guests neither mend nor break it. */
  async reportHealth(tx: TenantTransaction): Promise<void> {
    if (tx.tenantId === PLATFORM_ID) return;
    const rows = await tx.query<{ state: HealthState }>(
      `select distinct health_state as state from issuers
       where tenant_id = $1::uuid and status = 'enabled' and guest is null`,
      [tx.tenantId],
    );
    const state = bestOf(rows.map((row) => row.state));
    const [row] = await tx.query<{ changed: boolean }>(
      `select report_facet($1::uuid, 'issuers', $2, null) as changed`,
      [tx.tenantId, state],
    );
    if (row?.changed) tx.announce({ kind: 'tenant', id: tx.tenantId, tenantId: tx.tenantId });
  }
}
