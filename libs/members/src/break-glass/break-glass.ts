/** A time in which one platform actor may alter what a tenant has claimed for itself. */
export interface BreakGlass {
  readonly id: string;
  readonly actorId: string;
  readonly actorName: string | null;
  readonly reason: string;
  readonly openedAt: Date;
  readonly expiresAt: Date;
  /** When it was closed before its time. */
  readonly closedAt: Date | null;
}

/** Whether there is still something to close. */
export function isOpen({ closedAt, expiresAt }: BreakGlass, now: Date): boolean {
  return closedAt === null && expiresAt > now;
}
