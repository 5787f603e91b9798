import { PageDtoOf } from '@tenantry/http';
import type { OwnSession } from '../own-sessions.js';

/** The tenant of a session. */
export class OwnSessionTenantDto {
  /**
   * Its id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Its short name.
   * @example acme
   */
  readonly slug: string;

  constructor({ id, slug }: NonNullable<OwnSession['tenant']>) {
    this.id = id;
    this.slug = slug;
  }
}

/** A session of the caller's own. */
export class OwnSessionDto {
  /**
   * Its id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * When somebody signed in.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When it was signed in or gone on with last.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly lastUsedAt: Date;

  /**
   * When it ends by itself.
   * @example 2026-12-21T12:00:00.000Z
   */
  readonly expiresAt: Date;

  /**
   * The address that it was opened from.
   * @example 203.0.113.7
   */
  readonly ip: string | null;

  /**
   * The program that opened it.
   * @example curl/8.5.0
   */
  readonly userAgent: string | null;

  /** The tenant that it belongs to; null outside every tenant. */
  readonly tenant: OwnSessionTenantDto | null;

  /**
   * Whether a second factor stands behind it.
   * @example false
   */
  readonly secondFactor: boolean;

  /**
   * Whether it is the session that asks.
   * @example true
   */
  readonly current: boolean;

  constructor(session: OwnSession) {
    this.id = session.id;
    this.createdAt = session.createdAt;
    this.lastUsedAt = session.lastUsedAt;
    this.expiresAt = session.expiresAt;
    this.ip = session.ip;
    this.userAgent = session.userAgent;
    this.tenant = session.tenant && new OwnSessionTenantDto(session.tenant);
    this.secondFactor = session.hasSecondFactor;
    this.current = session.isCurrent;
  }
}

/** One page of sessions, newest first. */
export class OwnSessionsPageDto extends PageDtoOf(OwnSessionDto) {}
