import { Injectable } from '@nestjs/common';

import type { PlatformTransaction } from '@tenantry/database';

/** A second factor that is switched on. */
export interface ConfirmedFactor {
  readonly sealed: Uint8Array;
  /** The time step of the code that confirmed it: it is used up. */
  readonly step: number;
  readonly recoveryCodes: readonly Uint8Array[];
  readonly at: Date;
}

/** Second factors as they lie with the people: rows alone, no rules. */
@Injectable()
export class SecondFactorsRepository {
  /** Uses a time step up, and every one before it; false where that has happened already. */
  async useStep({ query }: PlatformTransaction, id: string, step: number): Promise<boolean> {
    const rows = await query(
      `update people set totp_last_step = $2::bigint
       where id = $1::uuid and totp_confirmed_at is not null
         and (totp_last_step is null or totp_last_step < $2::bigint)
       returning 1 as used`,
      [id, step],
    );
    return rows.length > 0;
  }

  /** Uses a recovery code up; false where that has happened already. */
  async useRecoveryCode(
    { query }: PlatformTransaction,
    id: string,
    digest: Uint8Array,
  ): Promise<boolean> {
    const rows = await query(
      `update people set recovery_codes = array_remove(recovery_codes, $2::bytea)
       where id = $1::uuid and totp_confirmed_at is not null and $2::bytea = any(recovery_codes)
       returning 1 as used`,
      [id, digest],
    );
    return rows.length > 0;
  }

  /** Lays a secret down that is not good yet; false where another one is switched on. */
  async propose({ tables }: PlatformTransaction, id: string, sealed: Uint8Array): Promise<boolean> {
    const { count } = await tables.person.updateMany({
      where: { id, totpConfirmedAt: null },
      data: { totpSecret: new Uint8Array(sealed), totpLastStep: null },
    });
    return count > 0;
  }

  /** Switches the proposed secret on; false where it is another one by now, or on already. */
  async confirm(
    { tables }: PlatformTransaction,
    id: string,
    { sealed, step, recoveryCodes, at }: ConfirmedFactor,
  ): Promise<boolean> {
    const { count } = await tables.person.updateMany({
      where: { id, totpConfirmedAt: null, totpSecret: new Uint8Array(sealed) },
      data: {
        totpConfirmedAt: at,
        totpLastStep: BigInt(step),
        recoveryCodes: recoveryCodes.map((digest) => new Uint8Array(digest)),
        revision: { increment: 1 },
        updatedAt: at,
      },
    });
    return count > 0;
  }

  async replaceRecoveryCodes(
    { tables }: PlatformTransaction,
    id: string,
    { codes, at }: { readonly codes: readonly Uint8Array[]; readonly at: Date },
  ): Promise<void> {
    await tables.person.updateMany({
      where: { id },
      data: { recoveryCodes: codes.map((digest) => new Uint8Array(digest)), updatedAt: at },
    });
  }

  async remove({ tables }: PlatformTransaction, id: string, at: Date): Promise<void> {
    await tables.person.updateMany({
      where: { id },
      data: {
        totpSecret: null,
        totpConfirmedAt: null,
        totpLastStep: null,
        recoveryCodes: [],
        revision: { increment: 1 },
        updatedAt: at,
      },
    });
  }

  /** Says of a session, or of all that a person has, whether a second factor stands behind it. */
  async markSessions(
    tx: PlatformTransaction,
    personId: string,
    { hasSecondFactor, only }: { readonly hasSecondFactor: boolean; readonly only: string | null },
  ): Promise<void> {
    const marked = await tx.query<{ id: string }>(
      `update sessions set second_factor = $2
       where person_id = $1::uuid and ended_at is null and second_factor <> $2
         and ($3::uuid is null or id = $3::uuid)
       returning id::text`,
      [personId, hasSecondFactor, only],
    );
    for (const { id } of marked) tx.announce({ kind: 'session', id, tenantId: null });
  }
}
