// Writes docs/errors.md from the classes that refuse, or, with --check, says whether it has drifted.
// It reads the sources as TypeScript does, so that a comment or a spec is never taken for a code.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const TARGET = join(ROOT, 'docs', 'errors.md');
const BASE = 'DomainError';
const OAUTH = 'OAuthRefusal';
const NOT_READ = /(\.spec\.ts$)|(^libs\/testing\/)|(\/generated\/)|(\/fixtures\/)/;

/** A code that the sources name in a way that this script does not read. */
class Unreadable extends Error {}

const files = sourcesOf(['libs', 'apps']);
const text = page(refusals(), oauthErrors());
if (process.argv.includes('--check')) check();
else writeFileSync(TARGET, text);

function check() {
  let kept = '';
  try {
    kept = readFileSync(TARGET, 'utf8');
  } catch {
    // Not there: as much of a drift as any other.
  }
  if (kept === text) return;
  process.stderr.write('docs/errors.md is not what the error classes say: run npm run errors.\n');
  process.exitCode = 1;
}

function sourcesOf(folders) {
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    )
    .filter((path) => path.endsWith('.ts') && path.includes('/src/') && !NOT_READ.test(path))
    .sort()
    .map((path) => {
      const source = readFileSync(join(ROOT, path), 'utf8');
      return { path, tree: ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true) };
    });
}

/** Every refusal, once for each wording: the classes', the frameworks', and the one for the rest. */
function refusals() {
  const statuses = statusOfKind();
  const classes = errorClasses();
  const own = [...classes.values()].flatMap((found) =>
    codesOf(found, classes).map(({ code, hint }) => ({
      code,
      status: statuses[inherited(found, classes, 'kind') ?? ''],
      detail: [inherited(found, classes, 'message'), hint].filter(Boolean).join(' '),
      path: found.path,
    })),
  );
  const lost = own.find(({ status }) => status === undefined);
  if (lost) throw new Unreadable(`${lost.code} in ${lost.path} has no kind with a status.`);
  return merged([...own, ...frameworkRefusals()]);
}

/** One entry a code; a code with two statuses would be two codes. */
function merged(entries) {
  const byCode = new Map();
  for (const { code, status, detail, path } of entries) {
    const entry = byCode.get(code) ?? { code, status, details: new Set(), paths: new Set() };
    if (String(entry.status) !== String(status)) throw new Unreadable(`${code} has two statuses.`);
    entry.details.add(detail);
    entry.paths.add(path);
    byCode.set(code, entry);
  }
  return [...byCode.values()].sort((one, other) => (one.code < other.code ? -1 : 1));
}

function errorClasses() {
  const declared = new Map();
  for (const { path, tree } of files) {
    visit(tree, (node) => {
      const parent = ts.isClassDeclaration(node) && node.name ? parentOf(node) : null;
      if (parent) declared.set(node.name.text, { ...readClass(node), path, parent });
    });
  }
  const isRefusal = ({ parent }) =>
    parent === BASE || (declared.has(parent) && isRefusal(declared.get(parent)));
  return new Map([...declared].filter(([, found]) => isRefusal(found)));
}

function parentOf(node) {
  const clause = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  const [type] = clause?.types ?? [];
  return type && ts.isIdentifier(type.expression) ? type.expression.text : null;
}

function readClass(node) {
  const own = (name) =>
    node.members.find((member) => ts.isPropertyDeclaration(member) && nameOf(member) === name)
      ?.initializer;
  const maker = node.members.find(ts.isConstructorDeclaration);
  const codeAt = maker?.parameters.findIndex(
    (parameter) => nameOf(parameter) === 'code' && (parameter.modifiers?.length ?? 0) > 0,
  );
  return {
    name: node.name.text,
    isAbstract: (node.modifiers ?? []).some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword),
    code: literalOf(own('code')),
    kind: literalOf(own('kind')),
    message: maker ? messageOf(maker) : null,
    codeAt: codeAt ?? -1,
  };
}

/** What the constructor hands to `super`; what it fills in stands in angle brackets. */
function messageOf(maker) {
  let message = null;
  visit(maker, (node) => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) {
      message ??= wordsOf(node.arguments[0]);
    }
  });
  return message;
}

function inherited(found, classes, field) {
  return (
    found[field] ??
    (classes.get(found.parent) ? inherited(classes.get(found.parent), classes, field) : null)
  );
}

/** The code of a class, or, where its maker chooses, every one that is chosen somewhere. */
function codesOf(found, classes) {
  if (found.codeAt >= 0) return chosenCodes(found);
  const code = inherited(found, classes, 'code');
  if (code) return [{ code }];
  if (found.isAbstract) return [];
  throw new Unreadable(`${found.name} in ${found.path} has a code that cannot be read.`);
}

function chosenCodes({ name, codeAt }) {
  return callsOf(name).flatMap(({ path, args }) => {
    // Passed on from another error: it was chosen where that one was made.
    if (ts.isPropertyAccessExpression(args[codeAt]) && args[codeAt].name.text === 'code') return [];
    const code = literalOf(args[codeAt]);
    if (!code) throw new Unreadable(`new ${name}(…) in ${path} names its code not as a literal.`);
    return { code, hint: hintOf(args.find((arg) => ts.isObjectLiteralExpression(arg))) };
  });
}

/** The place and the words of the one wrong field that comes along, as far as they are fixed. */
function hintOf(field) {
  if (!field) return null;
  const { pointer, message } = Object.fromEntries(
    field.properties
      .filter(ts.isPropertyAssignment)
      .map((property) => [nameOf(property), wordsOf(property.initializer)]),
  );
  return pointer && message && !message.startsWith('<') ? `\`${pointer}\` ${message}.` : null;
}

/** The errors of RFC 6749 that the routes under /oauth give. */
function oauthErrors() {
  const errors = callsOf(OAUTH).flatMap(({ args: [error, description, options] }) => {
    const code = literalOf(error);
    const detail = wordsOf(description);
    // What is handed on from a refusal above has its words there.
    return code && !detail.startsWith('<')
      ? [{ code, detail, status: oauthStatus(code, options) }]
      : [];
  });
  const unique = new Map(errors.map((entry) => [`${entry.code} ${entry.detail}`, entry]));
  return [...unique.values()].sort((one, other) => (one.code < other.code ? -1 : 1));
}

function oauthStatus(code, options) {
  const given =
    options && ts.isObjectLiteralExpression(options) ? propertyOf(options, 'status') : null;
  if (given && ts.isNumericLiteral(given)) return Number(given.text);
  return code === 'invalid_client' ? 401 : 400;
}

function callsOf(name) {
  const calls = [];
  for (const { path, tree } of files) {
    visit(tree, (node) => {
      if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression)) return;
      if (node.expression.text === name) calls.push({ path, args: [...(node.arguments ?? [])] });
    });
  }
  return calls;
}

function statusOfKind() {
  const table = constant('STATUS_OF').value;
  return Object.fromEntries(
    table.properties.map((property) => [nameOf(property), Number(property.initializer.text)]),
  );
}

function frameworkRefusals() {
  const known = constant('FRAMEWORK_REFUSALS');
  const ofFrameworks = known.value.properties.map((property) => ({
    ...refusalOf(property.initializer, known.path),
    status: Number(nameOf(property)),
  }));
  const rest = constant('REJECTED');
  const unexpected = constant('UNEXPECTED');
  return [
    ...ofFrameworks,
    { ...refusalOf(rest.value, rest.path), status: 'any other 4xx' },
    {
      ...refusalOf(unexpected.value, unexpected.path),
      status: Number(propertyOf(unexpected.value, 'status').text),
    },
  ];
}

function refusalOf(table, path) {
  return {
    code: literalOf(propertyOf(table, 'code')),
    detail: wordsOf(propertyOf(table, 'detail')),
    path,
  };
}

/** A table of the lib that knows how refusals are told. */
function constant(name) {
  for (const { path, tree } of files.filter(({ path }) => path.startsWith('libs/http/'))) {
    let value = null;
    visit(tree, (node) => {
      if (ts.isVariableDeclaration(node) && nameOf(node) === name) value = node.initializer ?? null;
    });
    if (value && ts.isObjectLiteralExpression(value)) return { path, value };
  }
  throw new Unreadable(`libs/http declares no table ${name}.`);
}

function propertyOf(table, name) {
  return table.properties.find((property) => nameOf(property) === name)?.initializer ?? null;
}

function nameOf({ name }) {
  return name && 'text' in name ? name.text : '';
}

function literalOf(node) {
  return node && ts.isStringLiteralLike(node) ? node.text : null;
}

function wordsOf(node) {
  if (!node) return '';
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isParenthesizedExpression(node)) return wordsOf(node.expression);
  if (ts.isBinaryExpression(node)) return wordsOf(node.left) + wordsOf(node.right);
  if (!ts.isTemplateExpression(node)) return `<${node.getText()}>`;
  const spans = node.templateSpans.map(
    ({ expression, literal }) => `<${expression.getText()}>${literal.text}`,
  );
  return node.head.text + spans.join('');
}

function visit(node, look) {
  look(node);
  ts.forEachChild(node, (child) => {
    visit(child, look);
  });
}

function page(entries, oauth) {
  const areas = new Map();
  for (const entry of entries)
    areas.set(areaOf(entry), [...(areas.get(areaOf(entry)) ?? []), entry]);
  return [
    '# Errors',
    '',
    'Generated from the sources by `npm run errors`. Do not edit it by hand.',
    '',
    'A refusal is an RFC 9457 problem (`application/problem+json`) with `type`, `title`, `status`,',
    '`code`, `detail` and `requestId`, and `errors` where single fields are wrong. `type` is',
    '`urn:tenantry:problem:` and the code. A code never changes once released; the words may.',
    'What stands in angle brackets is filled in.',
    '',
    ...[...areas].flatMap(([area, list]) => [`## ${area}`, '', ...table(list), '']),
    '## Under /oauth',
    '',
    'These routes answer as RFC 6749 §5.2 asks, with `error` and `error_description`.',
    '',
    '| error | status | description |',
    '| --- | --- | --- |',
    ...oauth.map(({ code, status, detail }) => `| \`${code}\` | ${status} | ${cell(detail)} |`),
    '',
  ].join('\n');
}

function areaOf({ code }) {
  return code.split('.')[0];
}

function table(list) {
  return [
    '| code | status | detail | source |',
    '| --- | --- | --- | --- |',
    ...list.map(({ code, status, details, paths }) => {
      const links = [...paths].map(
        (path) => `[${path.split('/').at(-1)}](${relative(dirname(TARGET), join(ROOT, path))})`,
      );
      return `| \`${code}\` | ${status} | ${[...details].map(cell).join('<br>')} | ${links.join(', ')} |`;
    }),
  ];
}

function cell(words) {
  return words.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
