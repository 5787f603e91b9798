import { Body, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { originOf, Public } from '@tenantry/access';
import { NotIdempotent } from '@tenantry/http';
import { TokenFormDto } from '../dto/token-form.dto.js';
import { Revocation } from './revocation.js';

@ApiTags('Sign-in')
@Controller()
export class RevocationController {
  constructor(private readonly revocation: Revocation) {}

  /** Take a token back: a refresh token ends its session. Whoever has the token may. */
  @Post('oauth/revoke')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @ApiOperation({ operationId: 'oauth_revoke' })
  @ApiConsumes('application/x-www-form-urlencoded')
  @Public()
  @NotIdempotent()
  async revoke(@Req() request: FastifyRequest, @Body() { token }: TokenFormDto): Promise<void> {
    await this.revocation.revoke(token, originOf(request));
  }
}
