import { PageDtoOf } from '@tenantry/http';
import type { DeadLetter } from '../sink.js';

/** A message that a sink did not take after all attempts. */
export class AuditDeadLetterDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * The `webhook-id` of the message; sent again, it is the same.
   * @example events_01939f3e8a207c3b9d2a6f1d7a1b2c3d_142
   */
  readonly messageId: string;

  /**
   * The sequence of the first record that it was about.
   * @example 43
   */
  readonly from: number;

  /**
   * The sequence of the last.
   * @example 142
   */
  readonly to: number;

  /**
   * How often it was sent.
   * @example 11
   */
  readonly attempts: number;

  /**
   * Why it was not taken the last time.
   * @example http_503
   */
  readonly reason: string;

  /**
   * When it was put aside.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly at: Date;

  /**
   * When it was taken after all; null: it was not.
   * @example null
   */
  readonly redeliveredAt: Date | null;

  constructor(letter: DeadLetter) {
    this.id = letter.id;
    this.messageId = letter.messageId;
    this.from = letter.from;
    this.to = letter.to;
    this.attempts = letter.attempts;
    this.reason = letter.reason;
    this.at = letter.at;
    this.redeliveredAt = letter.redeliveredAt;
  }
}

/** One page of dead letters, oldest first. */
export class AuditDeadLettersPageDto extends PageDtoOf(AuditDeadLetterDto) {}
