import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';

import { Public } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { projectRoot } from '../project-root.js';

type Document = Record<string, unknown>;

/** Serves the OpenAPI document that the gates hold equal to the routes. */
@Controller()
export class DocumentController {
  #document: Promise<Document> | undefined;

  constructor(private readonly config: AppConfig) {}

  @Get('openapi.json')
  @Header('Cache-Control', 'public, max-age=300')
  @ApiExcludeEndpoint()
  @Public()
  async get(): Promise<Document> {
    this.#document ??= readDocument(this.config.publicUrl);
    return this.#document;
  }
}

/** The document of this version, for the URL at which this instance is reached. */
export async function readDocument(publicUrl: string): Promise<Document> {
  const text = await readFile(join(projectRoot(), 'openapi.json'), 'utf8');
  return { ...(JSON.parse(text) as Document), servers: [{ url: publicUrl }] };
}
