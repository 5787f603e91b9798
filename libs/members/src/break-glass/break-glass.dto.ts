import { IsInt, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';

import { PageDtoOf } from '@tenantry/http';
import type { BreakGlass } from './break-glass.js';

const MINUTES_MAX = 60;

/** Why a claimed tenant must be opened, and for how long. */
export class BreakGlassRequestDto {
  /**
   * For the record, and for the tenant's admins.
   * @example Ticket 4711: their only admin has left the company.
   */
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  readonly reason!: string;

  /**
   * After how many minutes it ends by itself.
   * @example 15
   */
  @IsInt()
  @Min(1)
  @Max(MINUTES_MAX)
  readonly minutes!: number;
}

/** A time in which one platform actor may alter what the tenant has claimed for itself. */
export class BreakGlassDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * The platform actor for whom alone it is open.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly actorId: string;

  /**
   * The name of that actor.
   * @example support
   */
  readonly actorName: string | null;

  /**
   * Why it was opened.
   * @example Ticket 4711: their only admin has left the company.
   */
  readonly reason: string;

  /**
   * When it was opened.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly openedAt: Date;

  /**
   * When it ends by itself.
   * @example 2026-11-21T12:15:00.000Z
   */
  readonly expiresAt: Date;

  /**
   * When somebody closed it before its time; else null.
   * @example 2026-11-21T12:07:00.000Z
   */
  readonly closedAt: Date | null;

  constructor(window: BreakGlass) {
    this.id = window.id;
    this.actorId = window.actorId;
    this.actorName = window.actorName;
    this.reason = window.reason;
    this.openedAt = window.openedAt;
    this.expiresAt = window.expiresAt;
    this.closedAt = window.closedAt;
  }
}

/** One page of break-glass windows, newest first. */
export class BreakGlassPageDto extends PageDtoOf(BreakGlassDto) {}
