/** What a meter measures, and in what. */
export interface Meter {
  readonly unit: string;
  readonly description: string;
}

/** The meters that everybody means the same by; others are free to name. */
export const BUILT_IN_METERS = {
  cpu_seconds: { unit: 'second', description: 'Time of one processor core.' },
  memory_gib_seconds: { unit: 'GiB second', description: 'Memory, for as long as it was held.' },
  gpu_seconds: { unit: 'second', description: 'Time of one graphics processor.' },
  storage_gib_hours: { unit: 'GiB hour', description: 'Storage, for as long as it was held.' },
  sessions: { unit: 'session', description: 'Sessions that were begun.' },
  requests: { unit: 'request', description: 'Requests; those to Tenantry are counted by itself.' },
  secret_reveals: { unit: 'reveal', description: 'Values of secrets that Tenantry revealed.' },
  quota_checks: { unit: 'check', description: 'Demands that Tenantry held against quotas.' },
} as const satisfies Readonly<Record<string, Meter>>;

/** The form of every meter's name. */
export const METER_NAME = /^[a-z][a-z0-9_.:-]{0,62}$/;
