import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { Public } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { KeyRing } from '../keys/key-ring.js';
import { SIGNING_ALGORITHM } from '../keys/signing-key.js';
import { AuthorizationServerDto, KeySetDto } from './dto/metadata.dto.js';
import { GRANTS } from './oauth.controller.js';

@ApiTags('Sign-in')
@Controller()
export class OAuthMetadataController {
  constructor(
    private readonly keys: KeyRing,
    private readonly config: AppConfig,
  ) {}

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
      grants: GRANTS,
      algorithms: [SIGNING_ALGORITHM],
    });
  }
}
