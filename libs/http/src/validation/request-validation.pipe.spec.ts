import { Body, Controller, Get, Module, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import request, { type Response } from 'supertest';

import { ListQueryDto } from '../lists/list-query.dto.js';
import { ProblemFilter } from '../problem/problem.filter.js';
import { addRequestHooks, FASTIFY_OPTIONS } from '../server.js';
import { IgnoresUnknownFields, RequestValidationPipe } from './request-validation.pipe.js';

class RouteDto {
  @IsString()
  readonly host!: string;
}

class RegisterDto {
  @IsString()
  readonly name!: string;

  @IsOptional()
  @IsInt()
  readonly size?: number;

  @IsOptional()
  @IsObject()
  readonly labels?: Record<string, unknown>;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => RouteDto)
  readonly routes?: readonly RouteDto[];
}

@IgnoresUnknownFields()
class TokenDto {
  @IsString()
  readonly grant_type!: string;
}

class AllOptionalDto {
  @IsOptional()
  @IsString()
  readonly reason?: string;
}

class WithoutRulesDto {
  readonly name!: string;
}

@Controller()
class EchoController {
  @Post('register')
  register(@Body() body: RegisterDto): object {
    return { isInstance: body instanceof RegisterDto, body };
  }

  @Post('oauth/token')
  token(@Body() body: TokenDto): TokenDto {
    return body;
  }

  @Post('all-optional')
  allOptional(@Body() body: AllOptionalDto): object {
    return { isInstance: body instanceof AllOptionalDto };
  }

  @Post('without-rules')
  withoutRules(@Body() body: WithoutRulesDto): WithoutRulesDto {
    return body;
  }

  @Get('list')
  list(@Query() query: ListQueryDto): ListQueryDto {
    return query;
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

describe('RequestValidationPipe', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const adapter = new FastifyAdapter({ ...FASTIFY_OPTIONS, logger: false });
    app = await NestFactory.create<NestFastifyApplication>(EchoModule, adapter, { logger: false });
    app.useGlobalFilters(new ProblemFilter()).useGlobalPipes(new RequestValidationPipe());
    addRequestHooks(app.getHttpAdapter().getInstance());
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  const post = (body: unknown): Promise<Response> =>
    request(app.getHttpServer()).post('/register').type('json').send(JSON.stringify(body));
  const list = (query: string): Promise<Response> =>
    request(app.getHttpServer()).get(`/list${query}`);

  it('makes an instance of the DTO', async () => {
    const reply = await post({ name: 'a', labels: { 'any/key': [1] }, routes: [{ host: 'b' }] });

    expect(reply.status).toBe(201);
    expect(reply.body).toEqual({
      isInstance: true,
      body: { name: 'a', labels: { 'any/key': [1] }, routes: [{ host: 'b' }] },
    });
  });

  it.each<[string, object, string, RegExp]>([
    ['a missing field', {}, '/name', /must be a string/],
    ['a wrong type', { name: 'a', size: '1' }, '/size', /must be an integer/],
    [
      'an unknown field',
      { name: 'a', isAdmin: true },
      '/isAdmin',
      /^is not a field of this request$/,
    ],
    ['an unknown field with odd letters', { name: 'a', 'b/c~d': 1 }, '/b~1c~0d', /not a field/],
    ['a method of objects as a field', { name: 'a', toString: 1 }, '', /not allowed/],
    ['a constructor as a field', { name: 'a', constructor: 'b' }, '', /not allowed/],
    [
      'a wrong field within a list',
      { name: 'a', routes: [{ host: 'b' }, { host: 1 }] },
      '/routes/1/host',
      /string/,
    ],
    [
      'an unknown field within a list',
      { name: 'a', routes: [{ host: 'b', c: 1 }] },
      '/routes/0/c',
      /not a field/,
    ],
    ['text where an object belongs', { name: 'a', routes: ['b'] }, '/routes/0', /object/],
    [
      'a list where an object belongs',
      { name: 'a', routes: [[]] },
      '/routes/0',
      /neither null nor a list/,
    ],
    ['a list of nothing', { name: 'a', routes: [null] }, '/routes/0', /neither null nor a list/],
  ])('refuses %s', async (_, body, pointer, message) => {
    const reply = await post(body);

    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({
      code: 'request.invalid',
      errors: [{ pointer, message: expect.stringMatching(message) }],
    });
  });

  it.each([[[]], ['text'], [1], [true], [null]])('refuses %j as a body', async (body) => {
    const reply = await post(body);

    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({
      errors: [{ pointer: '', message: 'must be a JSON object' }],
    });
  });

  it('takes a request without a body for one that leaves everything out', async () => {
    const refused = await request(app.getHttpServer()).post('/register');
    const taken = await request(app.getHttpServer()).post('/all-optional');

    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ errors: [{ pointer: '/name' }] });
    expect(taken.status).toBe(201);
    expect(taken.body).toEqual({ isInstance: true });
  });

  it('names at most fifty places', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, 1]));

    const { body } = (await post(unknown)) as { body: { errors: unknown[] } };

    expect(body.errors).toHaveLength(50);
  });

  it('refuses everything where the DTO has no rule', async () => {
    const reply = await request(app.getHttpServer()).post('/without-rules').send({ name: 'a' });

    expect(reply.status).toBe(422);
  });

  it('drops unknown fields where a standard wants it so', async () => {
    const reply = await request(app.getHttpServer())
      .post('/oauth/token')
      .type('form')
      .send('grant_type=client_credentials&resource=other');

    expect(reply.body).toEqual({ grant_type: 'client_credentials' });
  });

  it('refuses a form field that is sent twice', async () => {
    const reply = await request(app.getHttpServer())
      .post('/oauth/token')
      .type('form')
      .send('grant_type=a&grant_type=b');

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      error: 'invalid_request',
      error_description: 'grant_type must be a string',
    });
  });

  it.each([
    ['', { limit: 50 }],
    ['?limit=200&cursor=abc', { limit: 200, cursor: 'abc' }],
  ])('reads the list query %s', async (query, expected) => {
    expect((await list(query)).body).toEqual(expected);
  });

  it.each([
    ['?limit=0', '/limit'],
    ['?limit=201', '/limit'],
    ['?limit=', '/limit'],
    ['?limit=1e2', '/limit'],
    ['?limit=0x10', '/limit'],
    ['?limit=1.5', '/limit'],
    ['?limit=-1', '/limit'],
    ['?limit=1&limit=2', '/limit'],
    ['?cursor=', '/cursor'],
    ['?cursor=a&cursor=b', '/cursor'],
    [`?cursor=${'a'.repeat(513)}`, '/cursor'],
    ['?offset=1', '/offset'],
    ['?limit[a]=1', '/limit[a]'],
    ['?__proto__=1', ''],
  ])('refuses the list query %s', async (query, pointer) => {
    const reply = await list(query);

    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ pointer })]),
    });
  });
});
