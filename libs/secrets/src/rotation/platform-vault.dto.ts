import { ApiProperty } from '@nestjs/swagger';

import { RewrapProgressDto } from '../vault/vault.dto.js';
import type { PlatformVault, PlatformVaultKey } from './platform-vault-reading.js';

const PROVIDER = {
  enum: ['local', 'aws-kms'],
  description: '`local`: sealed under the master key. `aws-kms`: kept by AWS KMS.',
  example: 'local',
};

/** A key-encryption key: it wraps data keys, and is never shown. */
export class PlatformVaultKeyDto {
  /**
   * Its id, as data keys and records of the audit trail name it.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3e
   */
  readonly id: string;

  @ApiProperty(PROVIDER)
  readonly provider: PlatformVaultKey['provider'];

  /**
   * Its name in the key service; null: it is a local one.
   * @example null
   */
  readonly keyName: string | null;

  @ApiProperty({
    enum: ['active', 'retiring', 'retired'],
    description:
      '`active`: wraps what is new. `retiring`: what it wraps is being wrapped anew. `retired`: it wraps nothing any more; a local one was destroyed.',
    example: 'active',
  })
  readonly state: PlatformVaultKey['state'];

  /**
   * When it was made.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When nothing needed it any more; null: something still does.
   * @example null
   */
  readonly retiredAt: Date | null;

  constructor({ id, provider, keyName, state, createdAt, retiredAt }: PlatformVaultKey) {
    this.id = id;
    this.provider = provider;
    this.keyName = keyName;
    this.state = state;
    this.createdAt = createdAt;
    this.retiredAt = retiredAt;
  }
}

/** What the vaults of all tenants rest on. */
export class PlatformVaultDto {
  @ApiProperty({
    enum: ['open', 'sealed'],
    description: '`sealed`: the key service cannot be reached, or refuses.',
    example: 'open',
  })
  readonly state: PlatformVault['state'];

  @ApiProperty(PROVIDER)
  readonly provider: PlatformVault['provider'];

  /**
   * Id of the key that wraps what is new; null: none was needed yet.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3e
   */
  readonly keyId: string | null;

  /**
   * Name of that key in the key service; null: it is a local one.
   * @example null
   */
  readonly keyName: string | null;

  /** The key-encryption keys, the newest first; the last fifty. */
  readonly keys: PlatformVaultKeyDto[];

  /** How far data keys are wrapped anew with the active key. */
  readonly rotation: RewrapProgressDto;

  constructor({ state, provider, active, keys, rotation }: PlatformVault) {
    this.state = state;
    this.provider = provider;
    this.keyId = active?.id ?? null;
    this.keyName = active?.keyName ?? null;
    this.keys = keys.map((key) => new PlatformVaultKeyDto(key));
    this.rotation = new RewrapProgressDto(rotation);
  }
}
