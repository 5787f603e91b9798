import { ApiProperty } from '@nestjs/swagger';

import { PageDtoOf } from '@tenantry/http';
import type { FieldChange, Outcome } from '../deed.js';
import { type AuditEvent, type AuditRow, eventOf } from '../event.js';

/** Who did it, as the verified token said. */
export class AuditActorDto {
  /**
   * `system` is Tenantry itself.
   * @example service
   */
  readonly kind!: 'person' | 'service' | 'external' | 'system';

  /**
   * Its id in the tenant or on the platform.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id!: string;

  /**
   * The issuer that vouched for it.
   * @example https://login.acme.example
   */
  readonly issuer?: string;

  /**
   * The subject that its issuer knows it by; null where it was erased.
   * @example 00u1a2b3c4
   */
  readonly subject?: string | null;

  /**
   * The key that signed its token.
   * @example 2026-11-a
   */
  readonly keyId?: string | null;

  /**
   * The session of its token, where it has one.
   * @example null
   */
  readonly sessionId?: string | null;

  /**
   * Whether it acted for the platform, from outside the tenant.
   * @example false
   */
  readonly isPlatform?: boolean;

  /**
   * Its e-mail address; null where it has none, or where it was erased.
   * @example ada@acme.example
   */
  readonly email?: string | null;

  /**
   * Its name; null where it has none, or where it was erased.
   * @example Ada
   */
  readonly name?: string | null;
}

/** What was acted upon. */
export class AuditTargetDto {
  /**
   * What sort of thing it is.
   * @example issuer
   */
  readonly kind!: string;

  /**
   * Its id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id!: string;

  /**
   * Its name at that time; null where it has none, or where it was erased.
   * @example https://login.acme.example
   */
  readonly name!: string | null;
}

/** What changed in one field. */
export class AuditFieldChangeDto implements FieldChange {
  /**
   * The value before; absent on creation.
   * @example enabled
   */
  readonly before?: unknown;

  /**
   * The value after; absent on removal.
   * @example disabled
   */
  readonly after?: unknown;
}

/** One deed, or one refusal, on a trail. */
export class AuditEventDto {
  /**
   * The id of the event.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id!: string;

  /**
   * Its place on the trail: without gaps, in the order of commit.
   * @example 42
   */
  readonly sequence!: number;

  /**
   * When it was put on record.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly at!: string;

  /**
   * What was done.
   * @example issuer.registered
   */
  readonly deed!: string;

  /**
   * How it ended.
   * @example done
   */
  readonly outcome!: Outcome;

  /** Who did it. */
  readonly actor!: AuditActorDto;

  /** What was acted upon. */
  readonly target!: AuditTargetDto;

  /**
   * The tenant in which it was done; null outside every tenant.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly tenantId!: string | null;

  /**
   * The request that did it.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly requestId!: string | null;

  /**
   * The address that it came from; null where it was erased.
   * @example 203.0.113.7
   */
  readonly ip!: string | null;

  /**
   * The program that sent it; null where it was erased.
   * @example curl/8.5.0
   */
  readonly userAgent!: string | null;

  /**
   * Fields that changed, before and after. Values of secrets never.
   * @example { "status": { "before": "enabled", "after": "disabled" } }
   */
  readonly changes!: Record<string, AuditFieldChangeDto>;

  /**
   * Why: what the caller gave, or the code of the refusal.
   * @example null
   */
  readonly reason!: string | null;

  /**
   * How many events alike this one stands for.
   * @example 1
   */
  readonly count!: number;

  /**
   * Version of the record's form.
   * @example 2
   */
  readonly v!: number;

  /**
   * Hash of the record: SHA-256 over its content, its place, and the hash before it, in hex.
   * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
   */
  readonly hash!: string;

  /**
   * Hash of the record before it; zeros for the first.
   * @example 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
   */
  readonly previousHash!: string;

  /** What stands in the record in place of personal values, by JSON pointer: an erased one has no salt. */
  @ApiProperty({
    type: 'object',
    additionalProperties: {
      type: 'object',
      required: ['commitment', 'salt'],
      properties: {
        commitment: {
          type: 'string',
          description: '`sha256:` and base64url of SHA-256(salt ‖ value).',
        },
        salt: {
          type: ['string', 'null'],
          description: 'base64url; null once value and salt were erased.',
        },
      },
    },
    example: {
      '/ip': {
        commitment: 'sha256:n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg',
        salt: 'MTIzNDU2Nzg5MDEyMzQ1Ng',
      },
    },
  })
  readonly commitments!: AuditEvent['commitments'];

  constructor(row: AuditRow) {
    // The form of an event is this class's form.
    Object.assign(this, eventOf(row));
  }
}

/** One page of a trail, newest first. */
export class AuditEventsPageDto extends PageDtoOf(AuditEventDto) {}
