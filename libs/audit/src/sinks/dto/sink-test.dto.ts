import type { Outcome } from '../message-sender.js';

/** What a receiver made of a test. */
export class AuditSinkTestDto {
  /**
   * Whether it took the message: by a status from 200 to 299.
   * @example true
   */
  readonly taken: boolean;

  /**
   * What it answered; null where it did not.
   * @example 204
   */
  readonly status: number | null;

  /**
   * Why it was not taken; null where it was.
   * @example null
   */
  readonly reason: string | null;

  constructor({ isTaken, status, reason }: Outcome) {
    this.taken = isTaken;
    this.status = status;
    this.reason = reason;
  }
}
