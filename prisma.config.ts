// Prisma's CLI would download a schema engine that generate, validate and format never run.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

import { defineConfig } from 'prisma/config';

export default defineConfig({ schema: 'prisma' });
