// Lets Node import this repository's TypeScript where Jest's own modules do not reach: its global
// setup. Plain JavaScript, because it is what makes TypeScript loadable.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

import { transform } from '@swc/core';

const LIBS = new URL('../../', import.meta.url);
const JEST_GLOBALS = new URL('native/jest-globals.js', import.meta.url).href;

// The hooks run in a thread of their own, which loads this file a second time.
if (isMainThread) register(import.meta.url);

export async function resolve(specifier, context, next) {
  if (specifier === '@jest/globals') return next(JEST_GLOBALS, context);

  const lib = /^@tenantry\/([\w-]+)$/.exec(specifier)?.[1];
  if (lib) return next(inGraph(new URL(`${lib}/src/index.ts`, LIBS).href, context), context);

  const isOurs = /^\.{1,2}\/.*\.js$/.test(specifier) && /\.ts(\?|$)/.test(context.parentURL ?? '');
  if (!isOurs) return next(specifier, context);
  return next(inGraph(specifier.replace(/\.js$/, '.ts'), context), context);
}

/** Every module of a graph belongs to that graph: see native/environment.js. */
function inGraph(specifier, { parentURL }) {
  const graph = /[?&]graph=([^&]+)/.exec(parentURL ?? '')?.[1];
  return graph ? `${specifier}?graph=${graph}` : specifier;
}

export async function load(url, context, next) {
  if (!/^file:[^?]*\.ts(\?|$)/.test(url)) return next(url, context);

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
