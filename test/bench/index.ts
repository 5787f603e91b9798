// `npm run bench`: prints how this build does, each figure over another of the same run. It
// asserts nothing: a ratio holds on any machine, a figure on none but the one it was taken on.
// `npm run bench -- guard read` runs those alone; `quick` shows that everything runs, and little else.
import 'reflect-metadata';

import { auditBench } from './audit.bench.js';
import { BenchServer } from './bench-server.js';
import { type Figure, tableOf } from './figure.js';
import { guardBench } from './guard.bench.js';
import { propagationBench } from './propagation.bench.js';
import { quotasBench } from './quotas.bench.js';
import { register } from './registered.js';
import { type Population, registryBench } from './registry.bench.js';
import { scopedReadBench } from './scoped-read.bench.js';
import { secretsBench } from './secrets.bench.js';
import { signInBench } from './sign-in.bench.js';
import { startUpBench } from './start-up.bench.js';
import { TokenMaker } from './token-maker.js';
import { usageBench } from './usage.bench.js';
import { vaultRewrapBench } from './vault-rewrap.bench.js';

const FEW = { name: 'few', tenants: 10, membersEach: 200 };
const MANY = { name: 'many', tenants: 100_000, membersEach: 0 };

const isQuick = process.argv.includes('quick');
const rounds = isQuick ? 1 : 4;
const times = isQuick ? 500 : 2_500;

const populations = new Map<string, Promise<Population>>();

/** The database of that many tenants, made when the first bench asks for it. */
function populated(wanted: typeof FEW): Promise<Population> {
  const known = populations.get(wanted.name) ?? populate(wanted);
  populations.set(wanted.name, known);
  return known;
}

async function populate({ name, tenants, membersEach }: typeof FEW): Promise<Population> {
  say(`registering ${tenants.toLocaleString('en')} tenants`);
  const jwks = { keys: [(await TokenMaker.create()).publicJwk] };
  const database = await server.createDatabase(name);
  await register(database, { tenants, membersEach, jwks });
  return { database, tenants };
}

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  guard: async () =>
    guardBench(await server.createDatabase('guard'), { seconds: isQuick ? 1 : 2, rounds }),
  read: async () => scopedReadBench((await populated(FEW)).database, { times, rounds }),
  registry: async () =>
    registryBench(await populated(FEW), await populated(MANY), { times, rounds }),
  start: async () => startUpBench(await populated(FEW), await populated(MANY), { rounds }),
  signin: async () =>
    signInBench(await server.createDatabase('signin'), {
      seconds: isQuick ? 1 : 2,
      times: isQuick ? 50 : 300,
      rounds,
    }),
  secrets: async () =>
    secretsBench(await server.createDatabase('secrets'), { seconds: isQuick ? 1 : 2, rounds }),
  rewrap: async () =>
    vaultRewrapBench(await server.createDatabase('rewrap'), { values: isQuick ? 5_000 : 100_000 }),
  quotas: async () =>
    quotasBench(await server.createDatabase('quotas'), await server.createDatabase('consuming'), {
      seconds: isQuick ? 1 : 2,
      checks: isQuick ? 200_000 : 2_000_000,
      rounds,
    }),
  usage: async () =>
    usageBench(await server.createDatabase('usage'), { batches: isQuick ? 20 : 100, rounds }),
  audit: async () =>
    auditBench(await server.createDatabase('audit'), {
      times: isQuick ? 1_000 : 3_000,
      records: isQuick ? 20_000 : 100_000,
      rounds,
    }),
  feed: async () =>
    propagationBench(await server.createDatabase('feed'), { rounds: isQuick ? 3 : 25 }),
};

const named = Object.entries(BENCHES).filter(([name]) => process.argv.includes(name));
const server = await BenchServer.start();
try {
  const figures: Figure[] = [];
  for (const [name, bench] of named.length > 0 ? named : Object.entries(BENCHES)) {
    say(name);
    figures.push(...(await bench()));
  }
  console.log(`\n${tableOf(figures)}`);
} finally {
  await server.remove();
}

function say(what: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${what}`);
}
