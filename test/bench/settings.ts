import { freePort } from '../../libs/database/src/embedded/free-port.js';

export const ADMIN = { clientId: 'bench-admin', clientSecret: 'a-secret-for-benches-alone-012345' };

export const ADMIN_PERSON = {
  email: 'admin@bench.example',
  password: 'a password for benches alone',
};

/** The environment of a control plane on a port of its own: nothing written, nobody held back. */
export async function settingsFor(databaseUrl: string): Promise<Record<string, string>> {
  return {
    PORT: String(await freePort()),
    METRICS_PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
    TENANTRY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    TENANTRY_ADMIN_CLIENT_ID: ADMIN.clientId,
    TENANTRY_ADMIN_CLIENT_SECRET: ADMIN.clientSecret,
    TENANTRY_ADMIN_EMAIL: ADMIN_PERSON.email,
    TENANTRY_ADMIN_PASSWORD: ADMIN_PERSON.password,
    THROTTLE_ACTOR_PER_SECOND: '0',
    THROTTLE_TENANT_PER_SECOND: '0',
  };
}
