import { Body, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBasicAuth, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { originOf, Public } from '@tenantry/access';
import { NotIdempotent, OAuthRefusal } from '@tenantry/http';
import { credentialOf } from './client-authentication.js';
import { ClientCredentials } from './grants/client-credentials.js';
import { RefreshTokenGrant } from './grants/refresh-token.js';
import { TokenExchangeGrant } from './grants/token-exchange.js';
import { TokenDto } from './dto/token.dto.js';
import { TokenRequestDto } from './dto/token-request.dto.js';
import {
  ACCESS_TOKEN_TYPE,
  exchangeRequestOf,
  TOKEN_EXCHANGE,
} from './exchange/exchange-request.js';

const CLIENT_CREDENTIALS = 'client_credentials';
const REFRESH_TOKEN = 'refresh_token';

/** Every grant that the token endpoint knows. */
export const GRANTS = [CLIENT_CREDENTIALS, REFRESH_TOKEN, TOKEN_EXCHANGE];

@ApiTags('Sign-in')
@Controller()
export class OAuthController {
  constructor(
    private readonly clients: ClientCredentials,
    private readonly refreshing: RefreshTokenGrant,
    private readonly exchanging: TokenExchangeGrant,
  ) {}

  /** Get an access token: for a machine, to go on with a session, or for another token. */
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
    const origin = originOf(request);
    switch (body.grant_type) {
      case CLIENT_CREDENTIALS: {
        const credential = credentialOf(request.headers.authorization, body);
        return new TokenDto(await this.clients.issue(credential, origin));
      }
      case REFRESH_TOKEN:
        return new TokenDto(
          await this.refreshing.issue(required(body.refresh_token, REFRESH_TOKEN), origin),
        );
      case TOKEN_EXCHANGE: {
        const issued = await this.exchanging.issue(exchangeRequestOf(body), origin);
        return new TokenDto({ ...issued, issuedTokenType: ACCESS_TOKEN_TYPE });
      }
      default:
        throw new OAuthRefusal('unsupported_grant_type', 'There is no such grant here.');
    }
  }
}

function required(value: string | undefined, name: string): string {
  if (value) return value;
  throw new OAuthRefusal('invalid_request', `${name} is required for this grant.`);
}
