import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';

import { Database, DATABASE_ROLES } from '@tenantry/database';
import { TenantScope } from '@tenantry/kernel';
import { PrismaClient } from '../../libs/database/src/generated/client.js';
import { statementNames } from '../../libs/database/src/statement-names.js';
import type { BenchDatabase } from './bench-server.js';
import type { Figure } from './figure.js';
import { interleave, type Speed, speedOf, told } from './rounds.js';

const POOL_SIZE = 10;
const AT_ONCE = 32;
const TRANSACTION_WAIT_MS = 60_000;

const READ = 'select id, email, roles from members where tenant_id = $1 and id = $2';

interface Identity {
  readonly tenantId: string;
  readonly id: string;
}

/** A read of one row of one tenant: scoped and forced, against the same with nothing in its way. */
export async function scopedReadBench(
  { url, superuserUrl }: BenchDatabase,
  { times, rounds }: { readonly times: number; readonly rounds: number },
): Promise<Figure[]> {
  const open = new pg.Pool({ connectionString: superuserUrl, max: POOL_SIZE });
  const forced = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    options: `-c role=${DATABASE_ROLES.tenant}`,
  });
  const ours = new Database({ url, poolSize: POOL_SIZE, preparedStatements: true });
  const { rows: members } = await open.query<Identity>(
    'select tenant_id as "tenantId", id from members order by md5(id::text)',
  );
  const openPrisma = prismaOn(open);
  const documented = documentedExtension(prismaOn(forced));

  const reading = (read: (member: Identity) => Promise<unknown>) => (): Promise<Speed> =>
    speedOf({ times, atOnce: AT_ONCE }, async (turn) => {
      const member = members[turn % members.length];
      if (!member || !(await read(member))) throw new Error('A member was not found.');
    });
  const speeds = await interleave(
    {
      openPrisma: reading(({ tenantId, id }) =>
        openPrisma.member.findFirst({ where: { AND: [{ tenantId }, { id }] } }),
      ),
      ourPrisma: reading(({ tenantId, id }) =>
        ours.read(TenantScope.admit(tenantId), ({ member }) => member.findFirst({ where: { id } })),
      ),
      documented: reading(({ tenantId, id }) =>
        documented(tenantId).member.findFirst({ where: { id } }),
      ),
      openSql: reading(async ({ tenantId, id }) => {
        const { rows } = await open.query({ name: 'read', text: READ, values: [tenantId, id] });
        return rows[0] as unknown;
      }),
      ourSql: reading(async ({ tenantId, id }) => {
        const [row] = await ours.query(TenantScope.admit(tenantId), READ, [tenantId, id]);
        return row;
      }),
    },
    rounds,
  );
  await Promise.all([ours.close(), open.end(), forced.end()]);
  return figuresOf(speeds);
}

function prismaOn(pool: pg.Pool): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg(pool, { statementNameGenerator: statementNames() }),
    // A slow candidate waits for its connections as long as it takes.
    transactionOptions: { maxWait: TRANSACTION_WAIT_MS },
  });
}

/**
 * Row-level security as Prisma documents it: each query a batch of two, in its own transaction.
 * https://github.com/prisma/prisma-client-extensions/tree/main/row-level-security
 */
function documentedExtension(client: PrismaClient): (tenantId: string) => PrismaClient {
  const known = new Map<string, PrismaClient>();
  const extend = (tenantId: string): PrismaClient =>
    client.$extends({
      query: {
        $allModels: {
          async $allOperations({ args, query }): Promise<unknown> {
            const [, result] = await client.$transaction([
              client.$executeRaw`select set_config('app.tenant_id', ${tenantId}, true)`,
              query(args),
            ]);
            return result;
          },
        },
      },
    }) as unknown as PrismaClient;
  return (tenantId) => {
    const scoped = known.get(tenantId) ?? extend(tenantId);
    known.set(tenantId, scoped);
    return scoped;
  };
}

function figuresOf(
  speeds: Record<'openPrisma' | 'ourPrisma' | 'documented' | 'openSql' | 'ourSql', Speed>,
): Figure[] {
  const { openPrisma, ourPrisma, documented, openSql, ourSql } = speeds;
  const figure = (
    [what, ours]: readonly [string, Speed],
    [baseline, theirs]: readonly [string, Speed],
    aim: string | null,
  ): Figure => ({
    what,
    baseline,
    ratio: ours.perSecond / theirs.perSecond,
    aim,
    measured: `${told(ours)}; ${told(theirs)}`,
  });
  return [
    figure(['scoped read by Prisma', ourPrisma], ['Prisma without RLS', openPrisma], '>= 0.8'),
    figure(
      ['scoped read by Prisma', ourPrisma],
      ['Prisma’s documented RLS extension', documented],
      null,
    ),
    figure(['scoped read by SQL', ourSql], ['pg without RLS', openSql], '>= 0.45'),
  ];
}
