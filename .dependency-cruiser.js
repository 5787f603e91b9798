/** Floors of the house. A lib imports only libs on a floor below its own. */
const FLOORS = [
  ['kernel', 'config', 'verify-audit'],
  ['database', 'crypto', 'outbound', 'mail'],
  ['access', 'http'],
  ['audit'],
  ['usage'],
  ['quotas'],
  ['tenants', 'issuers', 'members', 'signin', 'secrets'],
];

const inLibs = (names) => `^libs/(${names.join('|')})/`;

const upward = FLOORS.slice(0, -1).map((floor, level) => ({
  name: `floor-${level + 1}-imports-upward`,
  severity: 'error',
  from: { path: inLibs(floor), pathNot: 'spec\\.ts$' },
  to: { path: inLibs(FLOORS.slice(level + 1).flat()) },
}));

export default {
  forbidden: [
    ...upward,
    {
      name: 'no-circular',
      severity: 'error',
      from: { pathNot: 'generated' },
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        path: '^(apps|libs)',
        pathNot: [
          'spec\\.ts$',
          'generated',
          '^libs/testing/src/.*\\.js$',
          '^libs/verify-audit/bin/',
        ],
      },
      to: {},
    },
    {
      name: 'every-lib-has-a-floor',
      comment: 'A new lib is placed on a floor of this file first.',
      severity: 'error',
      from: {},
      to: { path: '^libs/', pathNot: [inLibs([...FLOORS.flat(), 'client', 'testing'])] },
    },
    {
      name: 'client-stands-alone',
      comment: 'It is published: it knows no other lib, and only specs know it.',
      severity: 'error',
      from: { path: '^libs/client/', pathNot: 'spec\\.ts$' },
      to: { path: '^(apps|libs|test)/', pathNot: '^libs/client/' },
    },
    {
      name: 'verifier-stands-alone',
      comment:
        'It is published: it knows no other lib. The server hashes by it, so that there is one form.',
      severity: 'error',
      from: { path: '^libs/verify-audit/', pathNot: 'spec\\.ts$' },
      to: { path: '^(apps|libs|test)/', pathNot: '^libs/verify-audit/' },
    },
    {
      name: 'client-is-for-others',
      comment: 'The control plane does not call itself.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['spec\\.ts$', '^libs/client/'] },
      to: { path: '^libs/client/' },
    },
    {
      name: 'enter-a-lib-by-its-door',
      comment: 'Another lib or an app may import only index.ts of a lib.',
      severity: 'error',
      from: { path: '^(?:apps|libs)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^libs/$1/' },
    },
    {
      name: 'features-do-not-know-each-other',
      severity: 'error',
      from: { path: `^libs/(${FLOORS.at(-1).join('|')})/`, pathNot: 'spec\\.ts$' },
      to: { path: `^libs/(${FLOORS.at(-1).join('|')})/`, pathNot: '^libs/$1/' },
    },
    {
      name: 'kernel-knows-no-framework',
      comment: 'uuid is the one exception: neither PostgreSQL 15 nor Node 20 makes a UUIDv7.',
      severity: 'error',
      from: { path: '^libs/kernel' },
      to: { dependencyTypes: ['npm'], pathNot: 'node_modules/uuid/' },
    },
    {
      name: 'prisma-stays-in-database',
      severity: 'error',
      from: { path: '^(apps|libs|test)/', pathNot: ['^libs/database/', '^test/bench/'] },
      to: { path: ['node_modules/@prisma', 'libs/database/src/generated'] },
    },
    {
      name: 'only-outbound-fetches',
      comment: 'A foreign URL is fetched by @tenantry/outbound and by nobody else.',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: ['^libs/(outbound|testing)/', '/fixtures/', 'spec\\.ts$'],
      },
      to: {
        path: ['node_modules/undici', '^https?$', '^node:https?$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-mail-sends-mail',
      comment: 'A message is handed to the mail server by @tenantry/mail and by nobody else.',
      severity: 'error',
      from: { path: '^(apps|libs|test)/', pathNot: '^libs/mail/' },
      to: { path: 'node_modules/(@types/)?nodemailer/' },
    },
    {
      name: 'tests-only',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: ['spec\\.ts$', '/fixtures/', '^libs/testing/'] },
      to: { path: '^(libs/testing|test)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'dist' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['import', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
