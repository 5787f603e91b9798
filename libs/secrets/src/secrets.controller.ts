import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Patch,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import {
  ApiRefusals,
  ApiTenant,
  type ExpectedRevision,
  IfMatch,
  IfNoneMatch,
  RequestInvalid,
} from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { ApiSecret, NOT_FOUND, STALE, VAULT_SEALED } from './api-secret.js';
import { ChangeSecretDto } from './dto/change-secret.dto.js';
import { ListSecretsDto } from './dto/list-secrets.dto.js';
import { SaveSecretDto } from './dto/save-secret.dto.js';
import { SecretDto, SecretsPageDto, SecretWithVersionsDto } from './dto/secret.dto.js';
import { SecretReading } from './reading.js';
import { SecretSaving } from './saving.js';
import { SecretAlterations } from './secret-alterations.js';
import { SecretName } from './secret-params.js';
import { plainOf } from './secret-value.js';

@ApiTags('Secrets')
@ApiTenant()
@Controller('v1/tenants/:tenant/secrets')
export class SecretsController {
  constructor(
    private readonly saving: SecretSaving,
    private readonly alterations: SecretAlterations,
    private readonly reading: SecretReading,
    private readonly clock: Clock,
  ) {}

  /** Save a value: of a new secret, or as the next version of one that exists. Never answers it. */
  @Put(':secret')
  @ApiOperation({ operationId: 'secrets_save' })
  @ApiSecret()
  @ApiCreatedResponse({ type: SecretDto, description: 'There was no secret with that name.' })
  @ApiOkResponse({ type: SecretDto, description: 'The value is the next version.' })
  @ApiRefusals({
    ...VAULT_SEALED,
    400: ['request.if_match_malformed', 'request.if_none_match_malformed'],
    409: ['secrets.limit_reached'],
    412: ['request.revision_stale', 'secrets.exists'],
  })
  @Requires('secrets:write')
  async save(
    @CurrentCaller() caller: Caller,
    @Param('secret', SecretName) name: string,
    @Body() { value, labels, expiresAt = null, rotateAfterDays }: SaveSecretDto,
    @IfMatch() expected: ExpectedRevision,
    @IfNoneMatch() isNew: boolean,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SecretDto> {
    this.#assertAhead(expiresAt);
    const plain = plainOf(value);
    const version = {
      value: plain,
      expiresAt,
      ...(labels === undefined ? {} : { labels }),
      ...(rotateAfterDays === undefined ? {} : { rotateAfterDays }),
    };
    const { secret, isCreated } = await this.saving
      .save(caller, name, { expected, isNew }, () => Promise.resolve(version))
      .finally(() => plain.bytes.fill(0));
    if (isCreated) {
      reply.status(201).header('Location', `/v1/tenants/${caller.scope.tenantId}/secrets/${name}`);
    }
    return new SecretDto(secret, this.clock.now());
  }

  /** List secrets by name, without their values. */
  @Get()
  @ApiOperation({ operationId: 'secrets_list' })
  @Requires('secrets:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListSecretsDto,
  ): Promise<SecretsPageDto> {
    const { items, nextCursor } = await this.reading.list(caller, query);
    const now = this.clock.now();
    return new SecretsPageDto({ items: items.map((item) => new SecretDto(item, now)), nextCursor });
  }

  /** Read what is known of a secret and its versions, without their values. */
  @Get(':secret')
  @ApiOperation({ operationId: 'secrets_get' })
  @ApiSecret()
  @ApiRefusals(NOT_FOUND)
  @Requires('secrets:read')
  async get(
    @CurrentCaller() caller: Caller,
    @Param('secret', SecretName) name: string,
  ): Promise<SecretWithVersionsDto> {
    const { secret, versions } = await this.reading.get(caller, name);
    return new SecretWithVersionsDto(secret, versions, this.clock.now());
  }

  /** Change labels, expiry or reminder of a secret; its value stays. */
  @Patch(':secret')
  @ApiOperation({ operationId: 'secrets_change' })
  @ApiSecret()
  @ApiRefusals({ ...NOT_FOUND, ...STALE })
  @Requires('secrets:write')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('secret', SecretName) name: string,
    @Body() changes: ChangeSecretDto,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<SecretWithVersionsDto> {
    this.#assertAhead(changes.expiresAt ?? null);
    await this.alterations.change(caller, { name, expected }, changes);
    return this.get(caller, name);
  }

  /** Delete a secret with every version of it. */
  @Delete(':secret')
  @HttpCode(204)
  @ApiOperation({ operationId: 'secrets_delete' })
  @ApiSecret()
  @ApiRefusals({ ...NOT_FOUND, ...STALE })
  @Requires('secrets:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('secret', SecretName) name: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.alterations.remove(caller, { name, expected });
  }

  #assertAhead(expiresAt: Date | null): void {
    if (expiresAt === null || expiresAt > this.clock.now()) return;
    throw new RequestInvalid([{ pointer: '/expiresAt', message: 'must lie in the future' }]);
  }
}
