// Lets Node run the TypeScript of test/ against the product as it is built: what a bench
// imports of apps/ and libs/ is taken from dist/. Plain JavaScript, because it makes TypeScript loadable.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

import { transform } from '@swc/core';

const ROOT = new URL('../../', import.meta.url).href;
const HERE = new URL('../', import.meta.url).href;

// The hooks run in a thread of their own, which loads this file a second time.
if (isMainThread) register(import.meta.url);

export async function resolve(specifier, context, next) {
  if (!context.parentURL?.startsWith(HERE)) return next(specifier, context);

  const lib = /^@tenantry\/([\w-]+)$/.exec(specifier)?.[1];
  if (lib) return next(`${ROOT}dist/libs/${lib}/src/index.js`, context);
  if (!specifier.startsWith('.')) return next(specifier, context);

  const { href } = new URL(specifier, context.parentURL);
  if (href.startsWith(HERE)) return next(href.replace(/\.js$/, '.ts'), context);
  return next(`${ROOT}dist/${href.slice(ROOT.length)}`, context);
}

export async function load(url, context, next) {
  if (!url.startsWith(HERE) || !url.endsWith('.ts')) return next(url, context);

  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    swcrc: false,
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: 'es2023',
      keepClassNames: true,
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
