import { Body, Controller, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import {
  type Caller,
  CurrentCaller,
  originOf,
  Public,
  RequiresActor,
  sessionCookieOf,
} from '@tenantry/access';
import { ApiRefusals, NotIdempotent } from '@tenantry/http';
import { LoginDto } from './dto/login.dto.js';
import { SignedInDto } from './dto/signed-in.dto.js';
import { Logins } from './logins.js';
import { Logouts } from './logouts.js';
import { noSessionCookie, sessionCookie } from './session-cookies.js';

@ApiTags('Sign-in')
@Controller('v1')
export class LoginController {
  constructor(
    private readonly logins: Logins,
    private readonly logouts: Logouts,
  ) {}

  /** Sign in with a password: for tokens, or, as a browser, for a session cookie. */
  @Post('login')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'signin_login' })
  @ApiRefusals({
    401: ['signin.refused', 'signin.second_factor_needed'],
    403: ['access.membership_missing', 'signin.second_factor_setup_needed'],
    503: ['signin.busy'],
  })
  @Public()
  @NotIdempotent()
  async login(
    @Req() request: FastifyRequest,
    @Body() body: LoginDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedInDto> {
    const { email, password, code, tenant, cookie: isBrowser = false } = body;
    const cookie = sessionCookieOf(request.headers.cookie);
    const signedIn = await this.logins.signIn(
      { email, password, code, tenant, isBrowser, cookie },
      originOf(request),
    );
    const { held, expiresInSeconds } = signedIn;
    if (held.by === 'cookie') {
      reply.header('Set-Cookie', sessionCookie(held.cookie, expiresInSeconds));
    }
    return new SignedInDto(signedIn);
  }

  /** Sign out: the session ends on every node, with all of its tokens. */
  @Post('logout')
  @HttpCode(204)
  @ApiOperation({ operationId: 'signin_logout' })
  @RequiresActor({ ownAccount: true })
  async logout(
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.logouts.signOut(caller);
    reply.header('Set-Cookie', noSessionCookie());
  }
}
