// Writes the types of @tenantry/client from openapi.json, or, with --check, says whether they have
// drifted. The build runs it: what it writes is not kept in the repository.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import openapiTypes, { astToString } from 'openapi-typescript';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const TARGET = join(ROOT, 'libs', 'client', 'src', 'generated', 'schema.ts');
const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];
const KEY = 'Idempotency-Key';

const document = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8'));
const text = await page();
if (process.argv.includes('--check')) check();
else write();

function check() {
  let kept = '';
  try {
    kept = readFileSync(TARGET, 'utf8');
  } catch {
    // Not there: as much of a drift as any other.
  }
  if (kept === text) return;
  process.stderr.write(
    'The types of the client are not what openapi.json says: run npm run build.\n',
  );
  process.exitCode = 1;
}

function write() {
  mkdirSync(dirname(TARGET), { recursive: true });
  writeFileSync(TARGET, text);
}

async function page() {
  // A default is filled in by the server: whoever sends a body may leave the field out.
  const types = await openapiTypes(structuredClone(document), {
    defaultNonNullable: false,
    immutable: true,
  });
  const operations = operationsOf(document);
  return [
    '// Generated from openapi.json by scripts/client-types.js. Do not edit it by hand.',
    '',
    astToString(types).trimEnd(),
    '',
    '/** Every code that a refusal can bear, as the document lists them. */',
    `export type ProblemCode =${union(operations.flatMap(codesOf))};`,
    '',
    '/** The operations that take an Idempotency-Key, so that they may be sent again. */',
    `export const KEYED: ReadonlySet<string> = ${set(operations.filter(isKeyed))};`,
    '',
    '/** The operations that take no bearer token. */',
    `export const OPEN: ReadonlySet<string> = ${set(operations.filter(isOpen))};`,
    '',
  ].join('\n');
}

function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation: item[method],
    })),
  );
}

function codesOf({ operation }) {
  return Object.values(operation.responses).flatMap(({ content }) => {
    const { schema } = content?.['application/problem+json'] ?? {};
    return (schema?.allOf ?? []).flatMap((part) => part.properties?.code?.enum ?? []);
  });
}

// A key belongs to a caller: where nobody is authenticated, the server heeds none.
function isKeyed(entry) {
  const { parameters = [] } = entry.operation;
  return (
    !isOpen(entry) && parameters.some(({ in: place, name }) => place === 'header' && name === KEY)
  );
}

function isOpen({ operation }) {
  const security = operation.security ?? document.security ?? [];
  return !security.some((requirement) => 'bearer' in requirement);
}

function union(words) {
  const sorted = [...new Set(words)].sort();
  if (sorted.length === 0) throw new Error('openapi.json lists no code of any refusal.');
  return sorted.map((word) => `\n  | ${JSON.stringify(word)}`).join('');
}

function set(operations) {
  const lines = operations.map(({ name }) => `\n  ${JSON.stringify(name)},`);
  return `new Set([${lines.join('')}\n])`;
}
