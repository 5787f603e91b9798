import { Body, Controller, Get, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBasicAuth, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { Public } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { NotIdempotent, OAuthRefusal } from '@tenantry/http';
import { KeyRing } from '../keys/key-ring.js';
import { SIGNING_ALGORITHM } from '../keys/signing-key.js';
import { credentialOf } from './client-authentication.js';
import { AuthorizationServerDto, KeySetDto } from './dto/metadata.dto.js';
import { TokenDto } from './dto/token.dto.js';
import { TokenRequestDto } from './dto/token-request.dto.js';
import { TokenIssuing } from './token-issuing.js';

const CLIENT_CREDENTIALS = 'client_credentials';

@ApiTags('Sign-in')
@Controller()
export class OAuthController {
  constructor(
    private readonly tokens: TokenIssuing,
    private readonly keys: KeyRing,
    private readonly config: AppConfig,
  ) {}

  /** Get an access token for a machine. */
  @Post('oauth/token')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @ApiOperation({ operationId: 'oauth_token' })
  @ApiConsumes('application/x-www-form-urlencoded')
  @Public()
  @ApiBasicAuth()
  @NotIdempotent()
  async token(@Req() request: FastifyRequest, @Body() body: TokenRequestDto): Promise<TokenDto> {
    if (body.grant_type !== CLIENT_CREDENTIALS) {
      throw new OAuthRefusal('unsupported_grant_type', 'Only client_credentials is supported.');
    }
    const credential = credentialOf(request.headers.authorization, body);
    return new TokenDto(
      await this.tokens.byClientCredentials(credential, {
        requestId: request.id,
        ip: request.ip,
        userAgent: request.headers['user-agent'] ?? null,
      }),
    );
  }

  /** The keys that tokens of this service are signed with (RFC 7517). */
  @Get('.well-known/jwks.json')
  @Header('Cache-Control', 'public, max-age=300')
  @ApiOperation({ operationId: 'oauth_keys' })
  @Public()
  async keySet(): Promise<KeySetDto> {
    const keys = await this.keys.published();
    return new KeySetDto(keys.map(({ publicJwk }) => publicJwk));
  }

  /** What this service can do as an authorization server (RFC 8414). */
  @Get('.well-known/oauth-authorization-server')
  @Header('Cache-Control', 'public, max-age=300')
  @ApiOperation({ operationId: 'oauth_metadata' })
  @Public()
  metadata(): AuthorizationServerDto {
    return new AuthorizationServerDto(this.config.publicUrl, {
      grants: [CLIENT_CREDENTIALS],
      algorithms: [SIGNING_ALGORITHM],
    });
  }
}
