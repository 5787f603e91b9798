import { PageDtoOf } from '@tenantry/http';
import type { PlatformAdmin } from '../platform-account-row.js';

/** Somebody, or something, that stands outside every tenant. */
export class PlatformAdminDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * A person, or a service account.
   * @example person
   */
  readonly kind: 'person' | 'service';

  /**
   * The e-mail address; null for a service account.
   * @example grace@platform.example
   */
  readonly email: string | null;

  /**
   * Name for people.
   * @example Grace Hopper
   */
  readonly name: string | null;

  /**
   * The client id of a service account; null for a person.
   * @example platform-6f1d7a1b2c3d
   */
  readonly clientId: string | null;

  /**
   * Roles outside every tenant.
   * @example ["platform-admin"]
   */
  readonly roles: string[];

  /**
   * Whether it may act at present.
   * @example active
   */
  readonly status: 'active' | 'suspended' | 'invited';

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

  /**
   * The secret of a service account, in the answer that makes it alone.
   * @example 3q2-7wEjRWeJq83v-kBNMM5AAqsYAbcdefghijklmno
   */
  readonly clientSecret?: string;

  // Field by field, so that a new column never reaches a caller by accident.
  constructor(admin: PlatformAdmin, clientSecret?: string) {
    this.id = admin.id;
    this.kind = admin.kind;
    this.email = admin.email;
    this.name = admin.name;
    this.clientId = admin.clientId;
    this.roles = [...admin.roles];
    this.status = admin.status;
    this.revision = admin.revision;
    this.createdAt = admin.createdAt;
    this.updatedAt = admin.updatedAt;
    if (clientSecret !== undefined) this.clientSecret = clientSecret;
  }
}

/** One page of platform admins, oldest first. */
export class PlatformAdminsPageDto extends PageDtoOf(PlatformAdminDto) {}
