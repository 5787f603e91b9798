import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { SealedVersion } from '../secrets.repository.js';

/** What one request reveals at most: as JSON a byte may become six, and all of it is held at once. */
export const REVEALED_BYTES_MAX = 1_048_576;

/**
 * Everything that a reveal rests on, as it is at one moment, in one round trip: the values, the keys
 * that open them, whether the tenant has sealed its vault, and what it has consented to. Nothing of
 * it is cached, so that a seal, a withdrawn consent or a destroyed key holds on every node at once.
 */
const LOOK = `
  select asked.name, s.id, v.version, v.encoding,
    case when sum(octet_length(v.sealed)) over () <= ${REVEALED_BYTES_MAX} then v.sealed end as sealed,
    v.expires_at as "expiresAt",
    v.data_key_id as "keyId", k.kek_id as "kekId", k.wrapped,
    coalesce(sum(octet_length(v.sealed)) over (), 0) > ${REVEALED_BYTES_MAX} as "isTooMuch",
    exists (select from vault_seals where tenant_id = $1::uuid) as "isVaultSealed",
    $4::uuid is null or exists (
      select from secret_consents c
      where c.tenant_id = $1::uuid and c.account_id = $4::uuid
        and starts_with(asked.name, c.name_prefix)) as "isConsented"
  from unnest($2::text[]) with ordinality as asked(name, place)
  left join secrets s on s.tenant_id = $1::uuid and s.name = asked.name
  left join secret_versions v on v.tenant_id = $1::uuid and v.secret_id = s.id
    and v.version = coalesce($3::int, s.version)
  left join data_keys k on k.tenant_id = $1::uuid and k.id = v.data_key_id
  order by asked.place`;

/** What was found under one name: of no secret without an `id`, of no version without a `version`. */
export interface Asked {
  readonly name: string;
  readonly id: string | null;
  readonly version: SealedVersion | null;
  readonly isVaultSealed: boolean;
  readonly isConsented: boolean;
  /** Whether all that was asked for is more than one answer may hold: then none of it was read. */
  readonly isTooMuch: boolean;
}

interface Row extends Omit<SealedVersion, 'version'> {
  readonly name: string;
  readonly id: string | null;
  readonly version: number | null;
  readonly isVaultSealed: boolean;
  readonly isConsented: boolean;
  readonly isTooMuch: boolean;
}

/** Which values are wanted, and for whom. */
export interface Wanted {
  readonly names: readonly string[];
  /** `null`: the current one. */
  readonly version: number | null;
  /** The engine whose consents are to be looked at; null for the tenant's own services. */
  readonly engineId: string | null;
}

@Injectable()
export class RevealLookup {
  constructor(private readonly database: Database) {}

  /** One for each name, in their order. */
  async find(scope: TenantScope, { names, version, engineId }: Wanted): Promise<Asked[]> {
    const values = [scope.tenantId, names, version, engineId];
    const rows = await this.database.query<Row>(scope, LOOK, values);
    return rows.map(toAsked);
  }
}

function toAsked(row: Row): Asked {
  const { name, id, version, isVaultSealed, isConsented, isTooMuch, ...rest } = row;
  return {
    ...{ name, id, isVaultSealed, isConsented, isTooMuch },
    version: version === null ? null : { ...rest, version },
  };
}
