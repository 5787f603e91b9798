import { Global, Module, type DynamicModule } from '@nestjs/common';

import { AppConfig } from '@tenantry/config';
import { MasterKey, Sealer } from '@tenantry/crypto';
import { ChangeFeed, Database } from '@tenantry/database';
import { CursorCodec } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { Mailer } from '@tenantry/mail';
import { Outbound, TxtResolver } from '@tenantry/outbound';

/** What exists before the application does: opened by `start`, closed after it. */
export interface Resources {
  readonly config: AppConfig;
  readonly clock: Clock;
  readonly masterKey: MasterKey;
  readonly database: Database;
  readonly feed: ChangeFeed;
  readonly outbound: Outbound;
  readonly txt: TxtResolver;
  readonly mailer: Mailer;
}

/** Hands the resources to every feature. */
@Global()
@Module({})
export class ResourcesModule {
  static of(resources: Resources): DynamicModule {
    const { config, clock, masterKey, database, feed, outbound, txt, mailer } = resources;
    const providers = [
      { provide: AppConfig, useValue: config },
      { provide: Clock, useValue: clock },
      { provide: MasterKey, useValue: masterKey },
      { provide: Database, useValue: database },
      { provide: ChangeFeed, useValue: feed },
      { provide: Outbound, useValue: outbound },
      { provide: TxtResolver, useValue: txt },
      { provide: Mailer, useValue: mailer },
      { provide: Sealer, useValue: new Sealer(masterKey) },
      { provide: CursorCodec, useValue: new CursorCodec(masterKey.derive('cursors')) },
    ];
    return {
      module: ResourcesModule,
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}
