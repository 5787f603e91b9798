import { PageDtoOf } from '@tenantry/http';
import type { HealthState, Verdict } from '../health.js';
import type { VerdictEntry } from '../verdict-log.js';

/** How one check of an issuer ended. */
export class VerdictDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Id of the issuer.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly issuerId: string;

  /**
   * When it ended.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly at: Date;

  /**
   * `transient`: it may be well again by itself; `permanent`: somebody has to do something.
   * @example ok
   */
  readonly verdict: Verdict;

  /**
   * What was wrong; null: nothing.
   * @example null
   */
  readonly reason: string | null;

  /**
   * The health that it led to.
   * @example healthy
   */
  readonly state: HealthState;

  /**
   * How long the issuer took to answer, in milliseconds.
   * @example 84
   */
  readonly tookMs: number;

  constructor(entry: VerdictEntry) {
    this.id = entry.id;
    this.issuerId = entry.issuerId;
    this.at = entry.at;
    this.verdict = entry.verdict;
    this.reason = entry.reason;
    this.state = entry.healthState;
    this.tookMs = entry.tookMs;
  }
}

/** One page of verdicts, newest first. */
export class VerdictsPageDto extends PageDtoOf(VerdictDto) {}
