// Builds the application into dist/, unless what is there was built from these very sources: a second
// start, and a test after a check, need not wait for the compiler. `npm run build:fresh` builds in any case.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP = 'dist/.built-from';
const CLIENT = 'libs/database/src/generated/client.ts';
const FOLDERS = ['apps', 'libs', 'prisma'];
const FILES = [
  'nest-cli.json',
  'package-lock.json',
  'prisma.config.ts',
  'tsconfig.build.json',
  'tsconfig.json',
];
const NOT_BUILT = /(\.spec\.ts$)|(^libs\/testing\/)|(^libs\/database\/src\/generated\/)/;

const source = digest();
if (!isBuiltFrom(source)) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build:fresh'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(STAMP, source);
}

function digest() {
  const hash = createHash('sha256').update(process.version);
  for (const path of [...FOLDERS.flatMap(filesOf), ...FILES].toSorted()) {
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

function isBuiltFrom(wanted) {
  return existsSync(STAMP) && existsSync(CLIENT) && readFileSync(STAMP, 'utf8') === wanted;
}
