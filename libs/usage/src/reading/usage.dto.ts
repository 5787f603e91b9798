import { PageDtoOf } from '@tenantry/http';
import type { UsageRow } from './usage.repository.js';

/** What was used in one period. */
export class UsageDto {
  /**
   * When the period begins, in UTC.
   * @example 2026-11-22T00:00:00.000Z
   */
  readonly period: string;

  /**
   * What was used.
   * @example cpu_seconds
   */
  readonly meter: string;

  /**
   * The resource, the actor or the value of the label that it was used by; null where that is not
   * asked for, or where the events named none.
   * @example workflow/po-1234
   */
  readonly group: string | null;

  /**
   * How much. The ledger is exact, and so is CSV; a JSON number has some 15 digits.
   * @example 3600.5
   */
  readonly value: number;

  /**
   * How many events that sums up.
   * @example 42
   */
  readonly events: number;

  constructor({ period, meter, group, value, events }: UsageRow) {
    this.period = period.toISOString();
    this.meter = meter;
    this.group = group;
    this.value = Number(value);
    this.events = Number(events);
  }
}

/** One page of what a tenant used, by period, meter and group. */
export class UsagePageDto extends PageDtoOf(UsageDto) {}

/** What one tenant used in one period. */
export class PlatformUsageDto extends UsageDto {
  /**
   * Id of the tenant.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly tenantId: string;

  /**
   * Slug of the tenant; null once it is gone.
   * @example acme
   */
  readonly tenant: string | null;

  constructor(row: UsageRow) {
    super(row);
    this.tenantId = row.tenantId;
    this.tenant = row.tenant;
  }
}

/** One page of what tenants used, by period, tenant, meter and group. */
export class PlatformUsagePageDto extends PageDtoOf(PlatformUsageDto) {}

/** A meter that can be asked for. */
export class MeterDto {
  /**
   * The name to report and to ask by.
   * @example cpu_seconds
   */
  readonly meter: string;

  /**
   * What one of it is; null where it is of the tenant's own naming.
   * @example second
   */
  readonly unit: string | null;

  /**
   * What it measures; null where it is of the tenant's own naming.
   * @example Time of one processor core.
   */
  readonly description: string | null;

  /**
   * Whether it has a meaning of its own in Tenantry.
   * @example true
   */
  readonly isBuiltIn: boolean;

  constructor(
    meter: string,
    known: { readonly unit: string; readonly description: string } | null,
  ) {
    this.meter = meter;
    this.unit = known?.unit ?? null;
    this.description = known?.description ?? null;
    this.isBuiltIn = known !== null;
  }
}

/** The built-in meters and those that the tenant used lately: all of them, on one page. */
export class MetersPageDto extends PageDtoOf(MeterDto) {}
