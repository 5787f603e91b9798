import { PageDtoOf } from '@tenantry/http';
import { QuotaSpecDto } from '../../limits/dto/quota.dto.js';
import type { Plan, PlanLimit } from '../plan.js';

/** What a plan allows of one kind. */
export class PlanLimitDto extends QuotaSpecDto {
  /**
   * What is counted.
   * @example requests
   */
  readonly kind: string;

  constructor({ kind, ...spec }: PlanLimit) {
    super(spec);
    this.kind = kind;
  }
}

/** Limits that tenants are sold together. */
export class PlanDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Short name that tenants name it by; it never changes.
   * @example team
   */
  readonly slug: string;

  /**
   * Name for people.
   * @example Team
   */
  readonly displayName: string;

  /** What it allows, by kind. */
  readonly limits: PlanLimitDto[];

  /**
   * Grows with every change: the ETag.
   * @example 1
   */
  readonly revision: number;

  /**
   * When it was created.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When it was changed last.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly updatedAt: Date;

  constructor(plan: Plan) {
    this.id = plan.id;
    this.slug = plan.slug;
    this.displayName = plan.displayName;
    this.limits = plan.limits.map((limit) => new PlanLimitDto(limit));
    this.revision = plan.revision;
    this.createdAt = plan.createdAt;
    this.updatedAt = plan.updatedAt;
  }
}

/** One page of plans, oldest first. */
export class PlansPageDto extends PageDtoOf(PlanDto) {}
