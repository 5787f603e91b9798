import { Module } from '@nestjs/common';

import { AuditModule } from '@tenantry/audit';
import { AppConfig } from '@tenantry/config';
import { ChangeFeed, Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { UsageModule } from '@tenantry/usage';
import { ConsumeController } from './consuming/consume.controller.js';
import { Consuming } from './consuming/consuming.js';
import { DecisionCounts } from './consuming/decision-counts.js';
import { DecisionLines } from './consuming/decision-lines.js';
import { LineStreams } from './consuming/line-streams.js';
import { LeasedQuotas } from './engine/leased-quotas.js';
import { QuotaEngine } from './engine/quota-engine.js';
import { QuotaStore } from './engine/quota-store.js';
import { LimitBook } from './limit-book.js';
import { QuotaReading } from './limits/quota-reading.js';
import { QuotaWriting } from './limits/quota-writing.js';
import { QuotasController } from './limits/quotas.controller.js';
import { QuotasRepository } from './limits/quotas.repository.js';
import { PlansController } from './plans/plans.controller.js';
import { PlansRepository } from './plans/plans.repository.js';
import { PlansService } from './plans/plans.service.js';
import { RedisQuotas } from './redis/redis-quotas.js';
import { QuotaPurge } from './slots/quota-purge.js';
import { QuotaPurgeSchedule } from './slots/quota-purge-schedule.js';
import { SlotsController } from './slots/slots.controller.js';
import { SlotsRepository } from './slots/slots.repository.js';
import { SlotsService } from './slots/slots.service.js';
import { ThresholdRecord } from './thresholds/threshold-record.js';
import { ThresholdTelling } from './thresholds/threshold-telling.js';

const LIMITS = [QuotasRepository, QuotaReading, QuotaWriting];
const PLANS = [PlansRepository, PlansService];
const SLOTS = [SlotsRepository, SlotsService, QuotaPurge, QuotaPurgeSchedule];

/** Exact in both: leases from PostgreSQL, or a script a demand in Redis where there is one. */
const ENGINE = {
  provide: QuotaEngine,
  inject: [AppConfig, LimitBook, QuotaStore, Clock, ChangeFeed, ThresholdTelling],
  useFactory: (
    { redisUrl }: AppConfig,
    ...[book, store, clock, feed, thresholds]: ConstructorParameters<typeof LeasedQuotas>
  ): QuotaEngine =>
    redisUrl === null
      ? new LeasedQuotas(book, store, clock, feed, thresholds)
      : new RedisQuotas(redisUrl, book, { thresholds }),
};
const STORE = {
  provide: QuotaStore,
  inject: [Database],
  useFactory: (database: Database): QuotaStore => new QuotaStore(database),
};
const CONSUMING = [
  LimitBook,
  STORE,
  ThresholdRecord,
  ThresholdTelling,
  ENGINE,
  DecisionCounts,
  Consuming,
  LineStreams,
  DecisionLines,
];

/** What tenants are allowed, and what they have spent of it. */
@Module({
  imports: [AuditModule, UsageModule],
  // Leases first: their path stands beside those of the kinds.
  controllers: [ConsumeController, SlotsController, QuotasController, PlansController],
  providers: [...CONSUMING, ...LIMITS, ...PLANS, ...SLOTS],
  exports: [QuotaEngine, DecisionCounts],
})
export class QuotasModule {}
