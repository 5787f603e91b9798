import { ApiProperty } from '@nestjs/swagger';

import { PageDtoOf } from '@tenantry/http';
import {
  type Encoding,
  type Secret,
  SECRET_STATES,
  type SecretState,
  type SecretVersion,
  stateOf,
} from '../secret.js';

/** A secret without its values. */
export class SecretDto {
  /**
   * Name, unique in the tenant.
   * @example erp.password
   */
  readonly name: string;

  /**
   * The current version.
   * @example 3
   */
  readonly version: number;

  @ApiProperty({
    enum: SECRET_STATES,
    description:
      'What it needs: nothing (`current`), a new value within two weeks (`expiring`), or now: its time is up (`rotation_due`), or it is revealed no longer (`expired`).',
    example: 'current',
  })
  readonly state: SecretState;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Labels to find it by.',
    example: { adapter: 'erp' },
  })
  readonly labels: Readonly<Record<string, string>>;

  /**
   * When the current version expires; null: never.
   * @example 2027-06-30T00:00:00.000Z
   */
  readonly expiresAt: Date | null;

  /**
   * After how many days its value is to be replaced; null: nobody is reminded.
   * @example 90
   */
  readonly rotateAfterDays: number | null;

  /**
   * When the current value is to be replaced; null: nobody is reminded.
   * @example 2027-02-20T12:00:00.000Z
   */
  readonly rotationDueAt: Date | null;

  /**
   * Grows with every change: the ETag.
   * @example 3
   */
  readonly revision: number;

  /**
   * When it was saved first.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When it was changed last.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly updatedAt: Date;

  constructor(secret: Secret, now: Date) {
    this.name = secret.name;
    this.version = secret.version;
    this.state = stateOf(secret, now);
    this.labels = secret.labels;
    this.expiresAt = secret.expiresAt;
    this.rotateAfterDays = secret.rotateAfterDays;
    this.rotationDueAt = secret.rotationDueAt;
    this.revision = secret.revision;
    this.createdAt = secret.createdAt;
    this.updatedAt = secret.updatedAt;
  }
}

/** One version of a secret, without its value. */
export class SecretVersionDto {
  /**
   * Number, from 1 on; never given twice to one secret.
   * @example 3
   */
  readonly version: number;

  /**
   * The data key that it is sealed under.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly keyId: string;

  @ApiProperty({
    enum: ['text', 'base64'],
    description: 'As what it was saved, and is revealed.',
    example: 'text',
  })
  readonly encoding: Encoding;

  /**
   * When it expires; null: never.
   * @example 2027-06-30T00:00:00.000Z
   */
  readonly expiresAt: Date | null;

  /**
   * The version whose value a rollback has brought back; null: a value of its own.
   * @example 1
   */
  readonly restoredFrom: number | null;

  /**
   * Id of the actor who saved it.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly createdBy: string;

  /**
   * When it was saved.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When its value was destroyed; null: it can be revealed.
   * @example null
   */
  readonly destroyedAt: Date | null;

  constructor(version: SecretVersion) {
    this.version = version.version;
    this.keyId = version.keyId;
    this.encoding = version.encoding;
    this.expiresAt = version.expiresAt;
    this.restoredFrom = version.restoredFrom;
    this.createdBy = version.createdBy;
    this.createdAt = version.createdAt;
    this.destroyedAt = version.destroyedAt;
  }
}

/** A secret with its versions, without their values. */
export class SecretWithVersionsDto extends SecretDto {
  /** The newest first; the last hundred are kept. */
  readonly versions: SecretVersionDto[];

  constructor(secret: Secret, versions: readonly SecretVersion[], now: Date) {
    super(secret, now);
    this.versions = versions.map((version) => new SecretVersionDto(version));
  }
}

/** A page of secrets. */
export class SecretsPageDto extends PageDtoOf(SecretDto) {}
