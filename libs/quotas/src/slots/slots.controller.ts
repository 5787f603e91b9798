import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, ListQueryDto } from '@tenantry/http';
import { RenewSlotDto, SlotDto, SlotsPageDto, TakenSlotDto, TakeSlotDto } from './slot.dto.js';
import { SlotsService } from './slots.service.js';

const NOT_FOUND = { 404: ['quotas.lease_not_found'] };

const ApiLease = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'lease',
    description: 'Id of the lease.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });

@ApiTags('Quotas')
@ApiTenant()
@Controller('v1/tenants/:tenant/quotas/leases')
export class SlotsController {
  constructor(private readonly slots: SlotsService) {}

  /** Take one of the slots of a kind, for a while; give it back when the work is done. */
  @Post()
  @ApiOperation({ operationId: 'quotas_lease' })
  @ApiRefusals({ 409: ['quotas.lease_limit_reached'], 429: ['quotas.exhausted'] })
  @Requires('quotas:consume')
  async take(
    @CurrentCaller() caller: Caller,
    @Body() body: TakeSlotDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TakenSlotDto> {
    const slot = await this.slots.take(caller, body);
    reply.header('Location', `/v1/tenants/${caller.scope.tenantId}/quotas/leases/${slot.id}`);
    return new TakenSlotDto(slot);
  }

  /** List the leases that have not expired, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'quotas_leases_list' })
  @Requires('quotas:read')
  async list(@CurrentCaller() caller: Caller, @Query() query: ListQueryDto): Promise<SlotsPageDto> {
    const { items, nextCursor } = await this.slots.list(caller, query);
    return new SlotsPageDto({ items: items.map((slot) => new SlotDto(slot)), nextCursor });
  }

  /** Keep one’s lease for longer. One that has expired is not revived. */
  @Put(':lease')
  @ApiOperation({ operationId: 'quotas_lease_renew' })
  @ApiLease()
  @ApiRefusals(NOT_FOUND)
  @Requires('quotas:consume')
  async renew(
    @CurrentCaller() caller: Caller,
    @Param('lease') id: string,
    @Body() { ttlSeconds }: RenewSlotDto,
  ): Promise<SlotDto> {
    return new SlotDto(await this.slots.renew(caller, id, ttlSeconds ?? null));
  }

  /** Give one’s lease back before it expires. */
  @Delete(':lease')
  @HttpCode(204)
  @ApiOperation({ operationId: 'quotas_lease_release' })
  @ApiLease()
  @ApiRefusals(NOT_FOUND)
  @Requires('quotas:consume')
  async release(@CurrentCaller() caller: Caller, @Param('lease') id: string): Promise<void> {
    await this.slots.release(caller, id);
  }
}
