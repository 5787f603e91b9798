/**
 * State of one thing that the service rests on. `sealed`: the vault's key service cannot be reached,
 * and everything but the vault works.
 */
export type CheckState = 'up' | 'down' | 'sealed';

/** Whether the service is well. */
export class HealthDto {
  /**
   * `down` where any check is.
   * @example up
   */
  readonly status: 'up' | 'down';

  /**
   * What was looked at, and what was found.
   * @example { "database": "up", "migrations": "up", "feed": "up", "vault": "up" }
   */
  readonly checks: Record<string, CheckState>;

  constructor(checks: Record<string, CheckState>) {
    this.checks = checks;
    this.status = Object.values(checks).includes('down') ? 'down' : 'up';
  }
}
