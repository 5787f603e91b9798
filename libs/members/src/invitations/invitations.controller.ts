import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, ListQueryDto } from '@tenantry/http';
import { InvitationDto, InvitationsPageDto } from './dto/invitation.dto.js';
import { InviteDto, ResendInvitationDto } from './dto/invite.dto.js';
import type { Invitation } from './invitation.js';
import { InvitationReading } from './invitation-reading.js';
import { InvitationTokens } from './invitation-tokens.js';
import { InvitationsService } from './invitations.service.js';

const LIFE_HOURS = 72;

const NOT_FOUND = { 404: ['invitations.not_found'] };
const GIVING = { 403: ['members.escalation', 'access.tenant_claimed'] };
const MAILING = { 422: ['roles.unknown', 'mail.refused'], 503: ['mail.unavailable'] };

const ApiInvitation = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'invitation',
    description: 'Id of the invitation.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });

@ApiTags('Invitations')
@ApiTenant()
@Controller('v1/tenants/:tenant/invitations')
export class InvitationsController {
  constructor(
    private readonly invitations: InvitationsService,
    private readonly reading: InvitationReading,
    private readonly tokens: InvitationTokens,
  ) {}

  /** Invite somebody by mail. */
  @Post()
  @ApiOperation({ operationId: 'invitations_create' })
  @ApiRefusals({
    ...GIVING,
    ...MAILING,
    409: ['members.exists', 'invitations.exists', 'invitations.limit_reached'],
  })
  @Requires('members:write')
  async invite(
    @CurrentCaller() caller: Caller,
    @Body() { email, roles, grants = [], displayName = null, expiresInHours }: InviteDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InvitationDto> {
    const given = { email, roles, grants, displayName };
    const invitation = await this.invitations.invite(caller, given, expiresInHours ?? LIFE_HOURS);
    reply.header('Location', `/v1/tenants/${caller.scope.tenantId}/invitations/${invitation.id}`);
    return this.#shown(invitation);
  }

  /** List open invitations, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'invitations_list' })
  @Requires('members:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<InvitationsPageDto> {
    const { items, nextCursor } = await this.reading.list(caller, query);
    return new InvitationsPageDto({ items: items.map((item) => this.#shown(item)), nextCursor });
  }

  /** Send an invitation anew; the mail that was sent before is void. */
  @Post(':invitation/resend')
  @HttpCode(200)
  @ApiOperation({ operationId: 'invitations_resend' })
  @ApiInvitation()
  @ApiRefusals({ ...NOT_FOUND, ...GIVING, 422: ['mail.refused'], 503: ['mail.unavailable'] })
  @Requires('members:write')
  async resend(
    @CurrentCaller() caller: Caller,
    @Param('invitation') id: string,
    @Body() { expiresInHours = LIFE_HOURS }: ResendInvitationDto,
  ): Promise<InvitationDto> {
    return this.#shown(await this.invitations.resend(caller, id, expiresInHours));
  }

  /** Withdraw an invitation, and the membership that waits for it. */
  @Delete(':invitation')
  @HttpCode(204)
  @ApiOperation({ operationId: 'invitations_withdraw' })
  @ApiInvitation()
  @ApiRefusals({ ...NOT_FOUND, 403: ['access.tenant_claimed'] })
  @Requires('members:write')
  async withdraw(@CurrentCaller() caller: Caller, @Param('invitation') id: string): Promise<void> {
    await this.invitations.withdraw(caller, id);
  }

  #shown(invitation: Invitation): InvitationDto {
    return new InvitationDto(invitation, this.tokens.isOver(invitation));
  }
}
