import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsString, Matches, Max, Min } from 'class-validator';

import { MayBeAbsent, PageDtoOf } from '@tenantry/http';
import { KIND, KIND_RULE } from '../limits/quota-kind.js';
import type { Slot, TakenSlot } from './slot.js';

const TTL_SECONDS_MAX = 86_400;

/** Of what one more is to be under way, and for how long at most. */
export class TakeSlotDto {
  @ApiProperty({ pattern: KIND.source, description: 'What is counted.', example: 'sandboxes' })
  @IsString()
  @Matches(KIND, { message: KIND_RULE })
  readonly kind!: string;

  /**
   * After how many seconds it is free again, unless it is renewed before.
   * @example 60
   */
  @IsInt()
  @Min(1)
  @Max(TTL_SECONDS_MAX)
  readonly ttlSeconds!: number;
}

/** For how long a slot is kept from now on. */
export class RenewSlotDto {
  /**
   * After how many seconds, from now, it is free again; left out, as many as before.
   * @example 60
   */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(TTL_SECONDS_MAX)
  readonly ttlSeconds?: number;
}

/** One of so many things that may be under way at once. */
export class SlotDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * What is counted.
   * @example sandboxes
   */
  readonly kind: string;

  /**
   * Id of the actor who took it.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly holder: string;

  /**
   * For how many seconds it is kept each time that it is taken or renewed.
   * @example 60
   */
  readonly ttlSeconds: number;

  /**
   * When it is free again, unless it is renewed before.
   * @example 2026-11-22T12:01:00.000Z
   */
  readonly expiresAt: Date;

  /**
   * The same in seconds from now, for whoever’s clock is another one.
   * @example 60
   */
  readonly expiresInSeconds: number;

  /**
   * When it was taken.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly createdAt: Date;

  constructor(slot: Slot) {
    this.id = slot.id;
    this.kind = slot.kind;
    this.holder = slot.holder;
    this.ttlSeconds = slot.ttlSeconds;
    this.expiresAt = slot.expiresAt;
    this.expiresInSeconds = slot.expiresInSeconds;
    this.createdAt = slot.createdAt;
  }
}

/** A slot that was just taken. */
export class TakenSlotDto extends SlotDto {
  /**
   * How many more there are; null: the kind is not limited.
   * @example 4
   */
  readonly remaining: number | null;

  /**
   * Whether it was given beyond a limit that only counts (`mode: shadow`).
   * @example false
   */
  readonly shadow: boolean;

  constructor(slot: TakenSlot) {
    super(slot);
    this.remaining = slot.remaining;
    this.shadow = slot.shadow;
  }
}

/** A page of slots, oldest first. */
export class SlotsPageDto extends PageDtoOf(SlotDto) {}
