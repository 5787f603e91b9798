import { Body, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { originOf, Public } from '@tenantry/access';
import { ApiRefusals, NotIdempotent } from '@tenantry/http';
import { AcceptInvitationDto } from './dto/accept-invitation.dto.js';
import { AcceptedDto } from './dto/accepted.dto.js';
import { InvitationAcceptance } from './invitation-acceptance.js';

@ApiTags('Invitations')
@Controller('v1/invitations')
export class InvitationAcceptanceController {
  constructor(private readonly acceptance: InvitationAcceptance) {}

  /** Accept an invitation: with the account that its address has, or with a new one. */
  @Post('accept')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'invitations_accept' })
  @ApiRefusals({
    401: ['invitations.invalid'],
    409: ['members.exists'],
    422: ['signin.password_refused'],
    429: ['access.throttled'],
  })
  @Public()
  // There is nobody yet whose key it could be, and the token works once anyway.
  @NotIdempotent()
  async accept(
    @Req() request: FastifyRequest,
    @Body() { token, password, code, displayName }: AcceptInvitationDto,
  ): Promise<AcceptedDto> {
    return new AcceptedDto(
      await this.acceptance.accept({ token, password, code, displayName }, originOf(request)),
    );
  }
}
