// Builds the application into dist/, the types of the client and the offline verifier, unless what is
// there was built from these very sources: a second start, and a test after a check, need not wait for
// the compiler.
// `npm run build:fresh` builds the application in any case.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NOT_BUILT =
  /(\.spec\.ts$)|(^libs\/(client|testing|verify-audit\/dist)\/)|(^libs\/database\/src\/generated\/)/;

build({
  command: ['npm', 'run', '--silent', 'build:fresh'],
  stamp: 'dist/.built-from',
  result: 'libs/database/src/generated/client.ts',
  folders: ['apps', 'libs', 'prisma'],
  files: [
    'nest-cli.json',
    'package-lock.json',
    'prisma.config.ts',
    'scripts/bundle.js',
    'tsconfig.build.json',
    'tsconfig.json',
  ],
});
build({
  command: ['node', 'scripts/client-types.js'],
  stamp: 'libs/client/src/generated/.built-from',
  result: 'libs/client/src/generated/schema.ts',
  folders: [],
  files: ['openapi.json', 'package-lock.json', 'scripts/client-types.js'],
});
build({
  command: ['node', 'node_modules/typescript/bin/tsc', '-p', 'libs/verify-audit'],
  stamp: 'libs/verify-audit/dist/.built-from',
  result: 'libs/verify-audit/dist/cli.js',
  folders: ['libs/verify-audit/src'],
  files: ['libs/verify-audit/tsconfig.json', 'package-lock.json', 'tsconfig.json'],
});

function build({ command: [program, ...args], stamp, result, folders, files }) {
  const source = digest([...folders.flatMap(filesOf), ...files]);
  if (existsSync(result) && existsSync(stamp) && readFileSync(stamp, 'utf8') === source) return;

  const { status } = spawnSync(program, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, source);
}

function digest(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths.toSorted()) {
    hash.update(`\0${path}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !NOT_BUILT.test(path));
}
