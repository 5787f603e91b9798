import { Body, Controller, Get, Module, Param, Patch, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  ApiBearerAuth,
  ApiProperty,
  ApiResponse,
  ApiSecurity,
  DocumentBuilder,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { beforeAll, describe, expect, it } from '@jest/globals';

import { type ExpectedRevision } from '../concurrency/etag.js';
import { IfMatch, RequiredIfMatch } from '../concurrency/if-match.decorator.js';
import { NotIdempotent } from '../idempotency/not-idempotent.decorator.js';
import { PageDtoOf } from '../lists/page.dto.js';
import { ApiRefusals } from './api-refusals.decorator.js';
import { addDefaultRefusals } from './default-refusals.js';
import { PROBLEM_MODELS } from './problem.dto.js';

class IssuerDto {
  @ApiProperty()
  readonly name!: string;
}

class IssuersPageDto extends PageDtoOf(IssuerDto) {}

@Controller()
class DocumentedController {
  @Get('guarded')
  @ApiBearerAuth()
  @ApiRefusals({ 403: ['members.escalation'], 404: ['issuers.not_found'] })
  @ApiResponse({ status: 200, type: IssuersPageDto })
  guarded(): void {
    return;
  }

  @Get('open')
  @ApiSecurity({})
  @ApiResponse({ status: 503, description: 'The checks that fail.' })
  open(): void {
    return;
  }

  @Post('made')
  @ApiBearerAuth()
  make(@Body() body: IssuerDto): IssuerDto {
    return body;
  }

  @Post('login')
  @ApiBearerAuth()
  @NotIdempotent()
  login(@Body() body: IssuerDto): IssuerDto {
    return body;
  }

  @Patch('changed/:id')
  @ApiBearerAuth()
  change(@Param('id') id: string, @IfMatch() expected: ExpectedRevision): unknown {
    return { id, expected };
  }

  @Patch('guarded/:id')
  @ApiBearerAuth()
  demand(@Param('id') id: string, @RequiredIfMatch() expected: number | '*'): unknown {
    return { id, expected };
  }

  @Post('oauth/token')
  @ApiBearerAuth()
  token(): void {
    return;
  }
}

@Module({ controllers: [DocumentedController] })
class DocumentedModule {}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

describe('the OpenAPI document', () => {
  let document: OpenAPIObject;

  beforeAll(async () => {
    const app = await NestFactory.create(DocumentedModule, new FastifyAdapter(), { logger: false });
    const config = new DocumentBuilder().addBearerAuth().build();
    document = SwaggerModule.createDocument(app, config, { extraModels: PROBLEM_MODELS });
    for (const path of ['/open']) {
      const operation = document.paths[path]?.get;
      if (operation) operation.security = [];
    }
    addDefaultRefusals(document);
    await app.close();
  });

  const operation = (method: 'get' | 'post' | 'patch', path: string): Operation => {
    const found = document.paths[path]?.[method];
    if (!found) throw new Error(`${method} ${path} is not documented`);
    return found;
  };
  const codes = ({ responses }: Operation, status: number): unknown =>
    JSON.parse(/"enum":(\[.*?\])/.exec(JSON.stringify(responses[status]))?.[1] ?? 'null');

  it('adds what any guarded route may answer', () => {
    const { responses } = operation('get', '/guarded');

    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['200', '401', '403', '404', '422', '429', '500', '503']),
    );
  });

  it('adds to the codes that a route names itself', () => {
    expect(codes(operation('get', '/guarded'), 403)).toEqual([
      'members.escalation',
      'access.tenant_mismatch',
      'access.tenant_missing',
      'access.membership_missing',
      'access.permission_missing',
      'tenants.suspended',
    ]);
  });

  it('describes a problem by its schema and its codes', () => {
    expect(operation('get', '/guarded').responses['404']).toEqual({
      description: 'Not Found: `issuers.not_found`',
      content: {
        'application/problem+json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/ProblemDto' },
              {
                type: 'object',
                properties: { code: { type: 'string', enum: ['issuers.not_found'] } },
              },
            ],
          },
        },
      },
    });
  });

  it('says of an open route neither 401 nor 403', () => {
    const { responses } = operation('get', '/open');

    expect(Object.keys(responses)).not.toContain('401');
    expect(Object.keys(responses)).not.toContain('403');
    expect(Object.keys(responses)).toContain('429');
  });

  it('leaves a response alone that was written by hand', () => {
    expect(operation('get', '/open').responses['503']).toMatchObject({
      description: 'The checks that fail.',
    });
  });

  it('names Idempotency-Key where it is heeded', () => {
    const names = (path: string) => JSON.stringify(operation('post', path).parameters ?? []);

    expect(names('/made')).toContain('Idempotency-Key');
    expect(names('/login')).not.toContain('Idempotency-Key');
    expect(names('/oauth/token')).not.toContain('Idempotency-Key');
    expect(codes(operation('post', '/made'), 409)).toEqual(['request.idempotency_running']);
    expect(JSON.stringify(document)).not.toContain('x-not-idempotent');
  });

  it('names the refusals of a body where there is one', () => {
    expect(codes(operation('post', '/made'), 413)).toEqual(['request.body_too_large']);
    expect(operation('get', '/guarded').responses['413']).toBeUndefined();
  });

  it.each([
    ['/changed/{id}', false],
    ['/guarded/{id}', true],
  ])('names If-Match at %s', (path, required) => {
    expect(operation('patch', path).parameters).toContainEqual(
      expect.objectContaining({ name: 'If-Match', in: 'header', required }),
    );
  });

  it('speaks RFC 6749 under /oauth', () => {
    const { responses } = operation('post', '/oauth/token');

    expect(JSON.stringify(responses['400'])).toContain('OAuthProblemDto');
    expect(JSON.stringify(responses)).not.toContain('ProblemDto/');
    expect(responses['422']).toBeUndefined();
  });

  it('describes a page by its items', () => {
    expect(document.components?.schemas?.['IssuersPageDto']).toMatchObject({
      properties: {
        items: { type: 'array', items: { $ref: '#/components/schemas/IssuerDto' } },
        nextCursor: { type: 'string', nullable: true },
      },
    });
  });
});
