// Generates a client in Python from openapi.json with OpenAPI Generator, and compiles it: whether the
// document says to others what it says to TypeScript. Needs java and python3; nothing is fetched.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Converter } from '@apiture/openapi-down-convert';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PACKAGE = createRequire(import.meta.url).resolve(
  '@openapitools/openapi-generator-cli/package.json',
);
const PROGRAM = join(dirname(PACKAGE), 'bin', 'openapi-generator.jar');
// A short run: compiling to the last is not worth its while.
const JAVA_OPTIONS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

const folder = mkdtempSync(join(tmpdir(), 'tenantry-foreign-client-'));
try {
  const document = join(folder, 'openapi-3.0.json');
  writeFileSync(document, JSON.stringify(asOpenApi30()));
  run('java', [
    ...JAVA_OPTIONS,
    '-jar',
    PROGRAM,
    'generate',
    ...['--generator-name', 'python', '--input-spec', document, '--output', folder],
    ...['--additional-properties', 'packageName=tenantry_client'],
    ...[
      '--global-property',
      'models,apis,supportingFiles,modelDocs=false,modelTests=false,apiDocs=false,apiTests=false',
    ],
    // Its validator takes what the conversion leaves behind for mistakes; Redocly lints the document.
    '--skip-validate-spec',
  ]);
  run('python3', ['-W', 'error', '-m', 'compileall', '-q', join(folder, 'tenantry_client')]);
  checkOperations();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** OpenAPI 3.1 says null with a type, 3.0 with a flag: the converter knows only half of the cases. */
function asOpenApi30() {
  const source = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8'));
  const document = new Converter(source, { verbose: false }).convert();
  flagNulls(document);
  return document;
}

function flagNulls(node) {
  if (typeof node !== 'object' || node === null) return;
  for (const choice of ['anyOf', 'oneOf']) flagNullChoice(node, choice);
  if (Array.isArray(node.enum)) node.enum = node.enum.filter((value) => value !== null);
  if (node.type === 'null') {
    delete node.type;
    node.nullable = true;
  }
  Object.values(node).forEach(flagNulls);
}

function flagNullChoice(node, choice) {
  if (!Array.isArray(node[choice])) return;
  const others = node[choice].filter(({ type }) => type !== 'null');
  if (others.length === node[choice].length) return;
  delete node[choice];
  node[others.length === 1 ? 'allOf' : choice] = others;
  node.nullable = true;
}

/** Every operation has its method: a generator leaves out what it does not understand. */
function checkOperations() {
  const { paths } = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8'));
  const names = Object.values(paths).flatMap((item) =>
    Object.values(item).flatMap(({ operationId }) => (operationId ? [snakeCase(operationId)] : [])),
  );
  const { stdout } = run('grep', [
    '-rhoE',
    '^    def [a-z0-9_]+',
    join(folder, 'tenantry_client', 'api'),
  ]);
  const made = new Set(stdout.split('\n').map((line) => line.replace(/^ +def /, '')));
  const missing = names.filter((name) => !made.has(name));
  if (missing.length > 0) throw new Error(`The client in Python lacks ${missing.join(', ')}.`);
}

function snakeCase(name) {
  return name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}

function run(program, args) {
  const result = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 67_108_864 });
  if (result.error) throw new Error(`${program} is not installed: ${result.error.message}`);
  if (result.status === 0) return result;
  throw new Error(`${program} failed:\n${(result.stderr || result.stdout).slice(-2_000)}`);
}
