import { ApiProperty } from '@nestjs/swagger';

import type { ResourceGrant } from '@tenantry/access';
import { PageDtoOf } from '@tenantry/http';
import { ResourceGrantDto } from '../../dto/resource-grant.dto.js';
import type { ServiceAccount } from '../service-account.js';

/** A machine that may act in the tenant. */
export class ServiceAccountDto {
  /**
   * Its id, a UUIDv7; also that of its membership.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Name for people.
   * @example Nightly import
   */
  readonly name: string;

  /**
   * What it names itself by at the token endpoint.
   * @example svc-3f9a1c07d2b84e6a5c1f0b7d
   */
  readonly clientId: string;

  /**
   * Roles in the whole tenant.
   * @example ["operator"]
   */
  readonly roles: string[];

  /** Roles on one resource alone. */
  @ApiProperty({ type: [ResourceGrantDto] })
  readonly grants: readonly ResourceGrant[];

  /**
   * Whether it may act at present.
   * @example active
   */
  readonly status: 'active' | 'suspended';

  /**
   * When its secret was replaced last; null: never.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly rotatedAt: Date | null;

  /**
   * Until when the secret before that is good too; null: it is not.
   * @example 2026-11-21T13:00:00.000Z
   */
  readonly previousSecretUntil: Date | null;

  /**
   * Grows with each change; the ETag of the resource.
   * @example 7
   */
  readonly revision: number;

  /**
   * When it was made.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When it was changed last.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly updatedAt: Date;

  // Field by field, so that a new column never reaches a caller by accident.
  constructor(account: ServiceAccount) {
    this.id = account.id;
    this.name = account.name;
    this.clientId = account.clientId;
    this.roles = [...account.roles];
    this.grants = account.grants;
    this.status = account.status;
    this.rotatedAt = account.rotatedAt;
    this.previousSecretUntil = account.previousUntil;
    this.revision = account.revision;
    this.createdAt = account.createdAt;
    this.updatedAt = account.updatedAt;
  }
}

/** A machine together with the secret that it was just given. */
export class ServiceAccountWithSecretDto extends ServiceAccountDto {
  /**
   * Its secret, in this answer and never again.
   * @example tnc_4Hk2mZ8qP0sT6vXyB1nC3rE5gJ7wLdF9aKuQ0b1c
   */
  readonly clientSecret: string;

  constructor(account: ServiceAccount, clientSecret: string) {
    super(account);
    this.clientSecret = clientSecret;
  }
}

/** One page of service accounts, oldest first. */
export class ServiceAccountsPageDto extends PageDtoOf(ServiceAccountDto) {}
