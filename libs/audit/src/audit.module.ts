import { Module } from '@nestjs/common';

import { AuditController } from './audit.controller.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';
import { AuditTrail } from './audit-trail.js';
import { AuditKeys } from './chain/audit-keys.js';
import { AuditKeysController } from './chain/audit-keys.controller.js';
import { ChainController } from './chain/chain.controller.js';
import { ChainReading } from './chain/chain-reading.js';
import { CheckpointSchedule } from './chain/checkpoint-schedule.js';
import { Checkpointing } from './chain/checkpointing.js';
import { CheckpointsRepository } from './chain/checkpoints.repository.js';
import { PlatformChainController } from './chain/platform-chain.controller.js';
import { Proving } from './chain/proving.js';
import { Verifying } from './chain/verifying.js';
import { Decisions } from './decisions/decisions.js';
import { DecisionsController } from './decisions/decisions.controller.js';
import { DecisionsService } from './decisions/decisions.service.js';
import { ReceiptRetention } from './decisions/receipt-retention.js';
import { ReceiptWriter } from './decisions/receipt-writer.js';
import { ReceiptsRepository } from './decisions/receipts.repository.js';
import { Erasure } from './erasure/erasure.js';
import { AuditExportController } from './exporting/export.controller.js';
import { AuditExports } from './exporting/audit-exports.js';
import { TrailHeads } from './exporting/trail-heads.js';
import { OperatorStream } from './operator-stream/operator-stream.js';
import { StreamSchedule } from './operator-stream/stream-schedule.js';
import { Refusals } from './refusals.js';
import { AuditMonths } from './retention/audit-months.js';
import { AuditRetentionSchedule } from './retention/audit-retention-schedule.js';
import { KeepingController } from './retention/keeping.controller.js';
import { PlatformKeepingController } from './retention/platform-keeping.controller.js';
import { AuditRetention } from './retention/retention.js';
import { DeadLettersRepository } from './sinks/dead-letters.repository.js';
import { Delivery } from './sinks/delivery.js';
import { MessageSender } from './sinks/message-sender.js';
import { MessageSource } from './sinks/message-source.js';
import { SinkQueue } from './sinks/sink-queue.js';
import { SinkSchedule } from './sinks/sink-schedule.js';
import { SinkSecrets } from './sinks/sink-secrets.js';
import { SinkTrials } from './sinks/sink-trials.js';
import { SinkVerbsController } from './sinks/sink-verbs.controller.js';
import { SinksController } from './sinks/sinks.controller.js';
import { SinksRepository } from './sinks/sinks.repository.js';
import { SinksService } from './sinks/sinks.service.js';
import { Waking } from './sinks/waking.js';
import { AuditTailController } from './tail/tail.controller.js';
import { TailEvents } from './tail/tail-events.js';
import { TailedTrails } from './tail/tailed-trails.js';
import { Tails } from './tail/tails.js';
import { Trails } from './trails.js';

const WRITING = [AuditTrail, Refusals];
const READING = [AuditService, AuditRepository, Trails, TrailHeads, AuditExports];
const TAILS = [TailEvents, TailedTrails, Tails];
const CHAIN = [
  AuditKeys,
  ChainReading,
  Checkpointing,
  CheckpointSchedule,
  CheckpointsRepository,
  Proving,
  Verifying,
];
const KEEPING = [AuditMonths, AuditRetention, AuditRetentionSchedule, Erasure];
const DECISIONS = [
  Decisions,
  DecisionsService,
  ReceiptRetention,
  ReceiptWriter,
  ReceiptsRepository,
];
const STREAMS = [
  ...[DeadLettersRepository, SinkQueue, SinksRepository, SinkSecrets],
  ...[Delivery, MessageSender, MessageSource, SinkSchedule, Waking],
  ...[SinksService, SinkTrials],
  ...[OperatorStream, StreamSchedule],
];

@Module({
  controllers: [
    AuditController,
    AuditExportController,
    AuditTailController,
    AuditKeysController,
    ChainController,
    DecisionsController,
    KeepingController,
    PlatformChainController,
    PlatformKeepingController,
    SinksController,
    SinkVerbsController,
  ],
  providers: [...WRITING, ...READING, ...CHAIN, ...KEEPING, ...DECISIONS, ...STREAMS, ...TAILS],
  exports: [Decisions, AuditTrail, Refusals],
})
export class AuditModule {}
