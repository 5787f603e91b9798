import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import { openTestDatabase, type TestDatabase } from '@tenantry/testing';
import { ClaimsRegistry, type RegistrationKey } from './claims-registry.js';

const ISSUER = 'https://login.crowded.example';
const TOKEN = { hd: 'd4711.example', sub: 'ada', email: 'ada@d4711.example' };

describe('ClaimsRegistry, with 10,000 registrations of one issuer', () => {
  let db: TestDatabase;
  let registry: ClaimsRegistry;
  let claimed: RegistrationKey;

  beforeAll(async () => {
    db = await openTestDatabase();
    registry = new ClaimsRegistry(db.database);
    claimed = { registrationId: newId(), tenantId: newId() };
    await db.query(
      `insert into issuer_claims
         (registration_id, tenant_id, issuer, audience, match_claim, match_value, match_fold)
       select case when n = 4711 then $2::uuid else gen_random_uuid() end,
         case when n = 4711 then $3::uuid else gen_random_uuid() end,
         $1, 'tenantry', 'hd', 'd' || n || '.example', 'd' || n || '.example'
       from generate_series(1, 10000) as n`,
      [ISSUER, claimed.registrationId, claimed.tenantId],
    );
  });
  afterAll(() => db.close());

  /** What the server reads of the registry for one look-up, and how. */
  async function readsOf(
    claims: Readonly<Record<string, unknown>>,
    mode: string,
  ): Promise<readonly Scan[]> {
    const asked = jest.spyOn(db.database, 'queryAcrossTenants');
    await registry.find({ iss: ISSUER, aud: 'tenantry', ...claims });
    const [[, text, values = []] = ['', '']] = asked.mock.calls;
    asked.mockRestore();
    const [answer] = await db.database.acrossTenants('spec', async ({ query }) => {
      await query(`select set_config('plan_cache_mode', $1, true)`, [mode]);
      await query(`prepare spec (text, text[], text[], text[], text[]) as ${text}`);
      const given = values.map(literal).join(', ');
      const found = await query<Explained>(
        `explain (analyze, format json) execute spec (${given})`,
      );
      await query('deallocate spec');
      return found;
    });
    return nodesOf(answer?.['QUERY PLAN'][0]?.Plan).filter(isOfRegistry);
  }

  it('finds the right one, and only that', async () => {
    const find = (given: object): Promise<RegistrationKey[]> =>
      registry.find({ iss: ISSUER, aud: 'tenantry', ...given });

    expect(await find(TOKEN)).toEqual([claimed]);
    expect(await find({ ...TOKEN, hd: 'd10001.example' })).toEqual([]);
    expect(await find({ ...TOKEN, hd: undefined })).toEqual([]);
  });

  describe.each(['before', 'after'])('%s the server has looked at the table', (when) => {
    beforeAll(async () => {
      if (when === 'after') await db.query('analyze issuer_claims');
    });

    it.each([
      ['force_custom_plan', 'a discriminator', TOKEN],
      ['force_generic_plan', 'a discriminator', TOKEN],
      ['force_custom_plan', 'none', { sub: 'ada' }],
      ['force_generic_plan', 'none', { sub: 'ada' }],
    ])('reads by the index and a few rows alone (%s, with %s)', async (mode, _, claims) => {
      const scans = await readsOf(claims, mode);

      expect(scans.length).toBeGreaterThan(0);
      expect(new Set(scans.map(({ 'Node Type': type }) => type))).not.toContain('Seq Scan');
      expect(new Set(indexesIn(scans))).toEqual(new Set(['issuer_claims_tokens']));
      const rows = scans.reduce((sum, scan) => sum + rowsReadBy(scan), 0);
      expect(rows).toBeLessThanOrEqual(3);
    });
  });
});

/** A node of a plan, as PostgreSQL explains it. */
interface Scan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Scan[];
}

interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: Scan }[];
}

function nodesOf(node: Scan | undefined): Scan[] {
  return node ? [node, ...(node.Plans ?? []).flatMap(nodesOf)] : [];
}

/** Nodes that read the table, or, below those, an index alone. */
function isOfRegistry(node: Scan): boolean {
  return node['Relation Name'] === 'issuer_claims' || node['Index Name'] !== undefined;
}

function indexesIn(scans: readonly Scan[]): string[] {
  return scans.flatMap((scan) => scan['Index Name'] ?? []);
}

function rowsReadBy(scan: Scan): number {
  return (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops'];
}

/** A parameter, as SQL: only of what this spec itself looks up. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return `array[${(value as readonly string[]).map(literal).join(', ')}]`;
}
