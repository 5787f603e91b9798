import { Module } from '@nestjs/common';

import { UsageMeter } from './metering/usage-meter.js';
import { Partitions } from './partitions.js';
import { PlatformUsageController } from './platform-usage.controller.js';
import { UsageRepository } from './reading/usage.repository.js';
import { UsageReading } from './reading/usage-reading.js';
import { UsageReporting } from './reporting/usage-reporting.js';
import { RetentionSchedule } from './retention/retention-schedule.js';
import { UsageRetention } from './retention/usage-retention.js';
import { UsageController } from './usage.controller.js';
import { UsageLedger } from './usage-ledger.js';

@Module({
  controllers: [UsageController, PlatformUsageController],
  providers: [
    Partitions,
    UsageLedger,
    UsageReporting,
    UsageReading,
    UsageRepository,
    UsageMeter,
    UsageRetention,
    RetentionSchedule,
  ],
  exports: [UsageMeter],
})
export class UsageModule {}
