import { Controller, Get, Header, HttpCode, Param, Query, Req, Res } from '@nestjs/common';
import {
  ApiFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { originOf, Public, sessionCookieOf } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { ApiRefusals } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { sessionCookie } from '../login/session-cookies.js';
import { arrivalPage } from './arrival-page.js';
import { StartQueryDto } from './dto/start-query.dto.js';
import { ProviderSignIn, type Return } from './provider-sign-in.js';
import { returnUrl } from './return-path.js';
import { noTransactionCookie, transactionCookie, transactionOf } from './transaction-cookie.js';

const HTML = 'text/html; charset=utf-8';
const REGISTRATION = {
  name: 'registration',
  description: 'The issuer at which the sign-in began: its id.',
  example: '01981f7c-3b1e-7c2a-9d4e-5f6071829304',
};

@ApiTags('Sign-in')
@Controller('v1/signin/oidc')
export class ProviderSignInController {
  constructor(
    private readonly signIn: ProviderSignIn,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** Sign in at the OpenID provider of a tenant: for browsers, which are sent there. */
  @Get('start')
  @HttpCode(302)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'signin_provider_start' })
  @ApiFoundResponse({ description: 'On to the provider.' })
  @ApiRefusals({ 404: ['signin.provider_not_found'], 503: ['signin.provider_unavailable'] })
  @Public()
  async start(
    @Req() { headers }: FastifyRequest,
    @Query() { tenant, issuer, returnTo = '/' }: StartQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const cookie = sessionCookieOf(headers.cookie);
    const wanted = { tenant, registrationId: issuer, returnTo, cookie };
    const { location, transaction } = await this.signIn.begin(wanted);
    reply.headers({ location, 'set-cookie': transactionCookie(transaction) });
  }

  /** Where the provider sends the browser back to: it gets its session, and goes on. */
  @Get('callback/:registration')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'signin_provider_callback' })
  @ApiParam(REGISTRATION)
  @ApiQuery({ name: 'code', required: false, description: 'The code of the provider.' })
  @ApiQuery({ name: 'state', required: false, description: 'What the sign-in began with.' })
  @ApiProduces('text/html')
  @ApiOkResponse({ description: 'A page that goes on by itself.' })
  @ApiRefusals({
    401: [
      'signin.transaction_invalid',
      'signin.provider_refused',
      'signin.provider_answer_invalid',
    ],
    403: ['access.membership_missing'],
    404: ['signin.provider_not_found'],
    503: ['signin.provider_unavailable'],
  })
  @Public()
  async callback(
    @Req() request: FastifyRequest,
    @Param('registration') registrationId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    // One attempt each: whatever comes of it, this sign-in is not under way any more.
    reply.header('set-cookie', noTransactionCookie());
    const arrived = returnOf(request, registrationId);
    const { session, returnTo } = await this.signIn.finish(arrived, originOf(request));
    const { cookie, expiresAt } = session;
    if (cookie === null) throw new Error('The session of a browser has no cookie.');
    const leftMs = expiresAt.getTime() - this.clock.now().getTime();
    // Fastify sends both: a second `set-cookie` replaces none.
    reply.header('set-cookie', sessionCookie(cookie, Math.floor(leftMs / 1_000))).type(HTML);
    return arrivalPage(returnUrl(this.config.publicUrl, returnTo));
  }
}

function returnOf({ headers, url }: FastifyRequest, registrationId: string): Return {
  return {
    registrationId,
    sealed: transactionOf(headers.cookie),
    search: searchOf(url),
    cookie: sessionCookieOf(headers.cookie),
  };
}

/** The query as it came: the provider may say more than we know of. */
function searchOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start);
}
