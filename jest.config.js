const common = {
  testEnvironment: '<rootDir>/libs/testing/src/native/environment.js',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.spec\\.ts$': '<rootDir>/libs/testing/src/native/run-natively.js' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

/** Jest runs these once for all, and only where a spec of such a project is to run. */
const onServer = {
  ...common,
  globalSetup: '<rootDir>/libs/testing/src/global-setup.js',
  globalTeardown: '<rootDir>/libs/testing/src/global-teardown.js',
};

/** The four sizes: pure specs, database specs (twice: with and without row-level security), HTTP journeys. */
export default {
  testTimeout: 60_000,
  // Jest leaves one core free by default; the specs wait for PostgreSQL and for each other more than they compute.
  maxWorkers: 2,
  // A worker keeps what its specs have loaded; one that has grown this big starts anew after a file.
  workerIdleMemoryLimit: '2GB',
  // A socket that some foreign server of a failed spec left open must not hold the run for ever.
  forceExit: true,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs,test}/**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.db\\.spec\\.ts$', '\\.e2e\\.spec\\.ts$'],
    },
    { ...onServer, displayName: 'db', testMatch: ['<rootDir>/{apps,libs,test}/**/*.db.spec.ts'] },
    {
      ...onServer,
      displayName: 'db-without-rls',
      // What must hold by the scope alone; what says nothing of tenants is not run twice.
      testMatch: [
        '<rootDir>/libs/database/src/{database,scoped-pool,scoped-query,transaction}.db.spec.ts',
        '<rootDir>/libs/issuers/src/claims-registry.db.spec.ts',
      ],
      globals: { BYPASS_ROW_LEVEL_SECURITY: true },
    },
    { ...onServer, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.e2e.spec.ts'] },
  ],
};
