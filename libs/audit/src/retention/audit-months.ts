import { Injectable, type OnModuleInit } from '@nestjs/common';

import { Database } from '@tenantry/database';

const REASON = 'audit-months';
const ENSURE = `
  select ensure_audit_month(now()::date), ensure_audit_month((now() + interval '1 month')::date)`;
const DROP = 'select drop_empty_audit_months() as dropped';

/** The months that trails have a place for: this one and the next. By the clock of the database. */
@Injectable()
export class AuditMonths implements OnModuleInit {
  constructor(private readonly database: Database) {}

  /** Before anything is done that has to be on record. */
  async onModuleInit(): Promise<void> {
    await this.ensure();
  }

  async ensure(): Promise<void> {
    await this.database.queryAcrossTenants(REASON, ENSURE);
  }

  /** Drops months of which retention has left nothing; answers how many. */
  async dropEmpty(): Promise<number> {
    const rows = await this.database.queryAcrossTenants<{ readonly dropped: number }>(REASON, DROP);
    return rows[0]?.dropped ?? 0;
  }
}
