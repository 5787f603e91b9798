import { PageDtoOf } from '@tenantry/http';
import type { ApiKey } from '../api-key.js';

/** A key of a service account. */
export class ApiKeyDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Name for people.
   * @example CI runner
   */
  readonly name: string;

  /**
   * The last characters of the key, to tell keys apart.
   * @example 4f9x
   */
  readonly hint: string;

  /**
   * When it ends by itself; null: it does not.
   * @example 2027-06-30T00:00:00.000Z
   */
  readonly expiresAt: Date | null;

  /**
   * When it was used last, half a minute late at most; null: never.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly lastUsedAt: Date | null;

  /**
   * From which address it was used last.
   * @example 192.0.2.7
   */
  readonly lastUsedIp: string | null;

  /**
   * When it was issued.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly createdAt: Date;

  // Field by field, so that a new column never reaches a caller by accident.
  constructor(key: ApiKey) {
    this.id = key.id;
    this.name = key.name;
    this.hint = key.hint;
    this.expiresAt = key.expiresAt;
    this.lastUsedAt = key.lastUsedAt;
    this.lastUsedIp = key.lastUsedIp;
    this.createdAt = key.createdAt;
  }
}

/** A key that was just issued. */
export class IssuedApiKeyDto extends ApiKeyDto {
  /**
   * The key itself, in this answer and never again: send it as a bearer token.
   * @example tnt_4Hk2mZ8qP0sT6vXyB1nC3rE5gJ7wLdF9aKuQ0b1c
   */
  readonly key: string;

  constructor(apiKey: ApiKey, key: string) {
    super(apiKey);
    this.key = key;
  }
}

/** One page of keys, oldest first. */
export class ApiKeysPageDto extends PageDtoOf(ApiKeyDto) {}
