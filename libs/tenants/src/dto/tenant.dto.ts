import { PageDtoOf } from '@tenantry/http';
import type { Route, Tenant, TenantHealth, TenantStatus } from '../tenant.js';

/** A place at which the tenant is served. */
export class TenantRouteDto {
  /**
   * Host name.
   * @example acme.example.com
   */
  readonly host: string;

  /**
   * Beginning of the path.
   * @example /acme
   */
  readonly pathPrefix: string;

  constructor({ host, pathPrefix }: Route) {
    this.host = host;
    this.pathPrefix = pathPrefix;
  }
}

/** An organization. */
export class TenantDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Its short name: for ever, and never given to another tenant.
   * @example acme
   */
  readonly slug: string;

  /**
   * Its name for people.
   * @example Acme Corporation
   */
  readonly displayName: string;

  /**
   * Whether it is open, closed by the platform, or leaving.
   * @example active
   */
  readonly status: TenantStatus;

  /**
   * The worst of its required parts; it gates traffic through the gateway, not management.
   * @example healthy
   */
  readonly health: TenantHealth;

  /**
   * Where its data is to live.
   * @example eu-central
   */
  readonly region: string | null;

  /**
   * Slug of the plan whose limits it has; a name that no plan has gives none.
   * @example team
   */
  readonly plan: string | null;

  /**
   * Labels of your own.
   * @example { "tier": "gold" }
   */
  readonly labels: Record<string, string>;

  /** Where it is served. */
  readonly routes: TenantRouteDto[];

  /**
   * Why it was suspended; null while it is not.
   * @example null
   */
  readonly suspendedReason: string | null;

  /**
   * Whether people with an account here need a second factor to act in the tenant.
   * @example false
   */
  readonly requiresSecondFactor: boolean;

  /**
   * Grows with each change; the ETag of the resource.
   * @example 7
   */
  readonly revision: number;

  /**
   * When it was created.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When it was changed last.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly updatedAt: Date;

  // Field by field, so that a new column never reaches a caller by accident.
  constructor(tenant: Tenant) {
    this.id = tenant.id;
    this.slug = tenant.slug;
    this.displayName = tenant.displayName;
    this.status = tenant.status;
    this.health = tenant.health;
    this.region = tenant.region;
    this.plan = tenant.plan;
    this.labels = { ...tenant.labels };
    this.routes = tenant.routes.map((route) => new TenantRouteDto(route));
    this.suspendedReason = tenant.suspendedReason;
    this.requiresSecondFactor = tenant.requiresSecondFactor;
    this.revision = tenant.revision;
    this.createdAt = tenant.createdAt;
    this.updatedAt = tenant.updatedAt;
  }
}

/** One page of tenants, oldest first. */
export class TenantsPageDto extends PageDtoOf(TenantDto) {}
