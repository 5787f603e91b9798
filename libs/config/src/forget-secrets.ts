/** Settings that are secrets, or hold one. Those of AWS stay: its SDK reads them when it is needed. */
const SECRET = [
  'TENANTRY_MASTER_KEY',
  'TENANTRY_ADMIN_CLIENT_SECRET',
  'TENANTRY_ADMIN_PASSWORD',
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'DATABASE_MIGRATION_URL',
  'REDIS_URL',
  'SMTP_URL',
];

/**
 * Takes the secrets out of an environment that was read: programs that are started do not inherit
 * them, and a crash report does not print them.
 */
export function forgetSecrets(variables: NodeJS.ProcessEnv): void {
  for (const name of SECRET) Reflect.deleteProperty(variables, name);
}
