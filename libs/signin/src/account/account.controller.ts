import { Controller, Delete, Get, Header, HttpCode, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { type Caller, Csrf, CurrentCaller, MemberDirectory, RequiresActor } from '@tenantry/access';
import { ApiRefusals, ListQueryDto } from '@tenantry/http';
import { AccountHolders } from './account-holders.js';
import { AccountDto } from './dto/account.dto.js';
import { OwnSessionDto, OwnSessionsPageDto } from './dto/own-session.dto.js';
import { OwnSessions } from './own-sessions.js';

@ApiTags('Account')
@ApiRefusals({ 403: ['account.none'] })
@Controller('v1/account')
export class AccountController {
  constructor(
    private readonly holders: AccountHolders,
    private readonly members: MemberDirectory,
    private readonly sessions: OwnSessions,
    private readonly csrf: Csrf,
  ) {}

  /** Read your own account. */
  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'account_get' })
  @RequiresActor({ ownAccount: true })
  async get(@CurrentCaller() caller: Caller): Promise<AccountDto> {
    const { person, sessionId } = await this.holders.of(caller);
    const isBrowser = caller.actor.by === 'cookie' && sessionId !== null;
    // A page that was loaded anew has forgotten the token; no other page can read this answer.
    const csrfToken = isBrowser ? this.csrf.tokenOf(sessionId) : undefined;
    return new AccountDto(person, await this.members.ofPerson(person.id), csrfToken);
  }

  /** List where you are signed in, newest first. */
  @Get('sessions')
  @ApiOperation({ operationId: 'account_list_sessions' })
  @RequiresActor({ ownAccount: true })
  async listSessions(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<OwnSessionsPageDto> {
    const { items, nextCursor } = await this.sessions.list(caller, query);
    return new OwnSessionsPageDto({
      items: items.map((session) => new OwnSessionDto(session)),
      nextCursor,
    });
  }

  /** End a session of yours on every node, with all of its tokens. */
  @Delete('sessions/:session')
  @HttpCode(204)
  @ApiOperation({ operationId: 'account_end_session' })
  @ApiParam({
    name: 'session',
    description: 'Id of the session.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  })
  @ApiRefusals({ 404: ['account.session_not_found'] })
  @RequiresActor({ ownAccount: true })
  async endSession(@CurrentCaller() caller: Caller, @Param('session') id: string): Promise<void> {
    await this.sessions.end(caller, id);
  }
}
