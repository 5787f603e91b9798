import { Body, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBasicAuth, ApiBearerAuth, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { originOf, Public } from '@tenantry/access';
import { NotIdempotent } from '@tenantry/http';
import { IntrospectionDto } from '../dto/introspection.dto.js';
import { TokenFormDto } from '../dto/token-form.dto.js';
import { Askers } from './askers.js';
import { Introspection } from './introspection.js';

@ApiTags('Sign-in')
@Controller()
export class IntrospectionController {
  constructor(
    private readonly askers: Askers,
    private readonly introspection: Introspection,
  ) {}

  /** See what a token is good for: a service account of a tenant sees those of its own tenant. */
  @Post('oauth/introspect')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @ApiOperation({ operationId: 'oauth_introspect' })
  @ApiConsumes('application/x-www-form-urlencoded')
  @Public()
  @ApiBasicAuth()
  @ApiBearerAuth()
  @NotIdempotent()
  async introspect(
    @Req() request: FastifyRequest,
    @Body() form: TokenFormDto,
  ): Promise<IntrospectionDto> {
    const { authorization } = request.headers;
    const asker = await this.askers.identify(authorization, form, originOf(request));
    return this.introspection.lookInto(form.token, asker);
  }
}
