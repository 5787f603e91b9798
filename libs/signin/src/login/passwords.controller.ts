import { Body, Controller, Header, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { type Caller, CurrentCaller, originOf, Public, RequiresActor } from '@tenantry/access';
import { ApiRefusals, NotIdempotent } from '@tenantry/http';
import {
  ChangePasswordDto,
  PasswordResetRequestedDto,
  RequestPasswordResetDto,
  ResetPasswordDto,
} from './dto/passwords.dto.js';
import { PasswordChanges } from './password-changes.js';
import { PasswordResets } from './password-resets.js';

@ApiTags('Sign-in')
@Controller('v1/password')
export class PasswordsController {
  constructor(
    private readonly changes: PasswordChanges,
    private readonly resets: PasswordResets,
  ) {}

  /** Change your own password; every other session of yours ends. */
  @Post('change')
  @HttpCode(204)
  @ApiOperation({ operationId: 'password_change' })
  @ApiRefusals({
    401: ['signin.refused'],
    403: ['account.none'],
    422: ['signin.password_refused'],
    503: ['signin.busy'],
  })
  @RequiresActor({ ownAccount: true })
  async change(@CurrentCaller() caller: Caller, @Body() body: ChangePasswordDto): Promise<void> {
    await this.changes.change(caller, body);
  }

  /** Ask for a message by which a forgotten password can be set anew. */
  @Post('reset-request')
  @HttpCode(202)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'password_request_reset' })
  @ApiRefusals({ 503: ['mail.unavailable'] })
  @Public()
  @NotIdempotent()
  async requestReset(
    @Req() request: FastifyRequest,
    @Body() { email }: RequestPasswordResetDto,
  ): Promise<PasswordResetRequestedDto> {
    await this.resets.request(email, originOf(request));
    return new PasswordResetRequestedDto();
  }

  /** Set a new password with the token of such a message; every session ends. */
  @Post('reset')
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'password_reset' })
  @ApiRefusals({
    401: ['signin.reset_invalid'],
    422: ['signin.password_refused'],
    503: ['signin.busy'],
  })
  @Public()
  @NotIdempotent()
  async reset(@Req() request: FastifyRequest, @Body() body: ResetPasswordDto): Promise<void> {
    await this.resets.reset(body, originOf(request));
  }
}
