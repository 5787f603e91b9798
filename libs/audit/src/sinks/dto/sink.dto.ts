import { PageDtoOf } from '@tenantry/http';
import type { Signing, Sink, SinkStatus } from '../sink.js';
import type { SinkWithSecret } from '../sinks.service.js';

/** Where a tenant's trail is sent. */
export class AuditSinkDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Name for people.
   * @example SIEM
   */
  readonly name: string;

  /**
   * Where messages are posted.
   * @example https://siem.acme.example/hooks/tenantry
   */
  readonly url: string;

  /**
   * How messages are signed: by a shared secret, or by a key pair.
   * @example hmac
   */
  readonly signing: Signing;

  /**
   * What messages are verified by, of `ed25519`; null of `hmac`.
   * @example whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
   */
  readonly publicKey: string | null;

  /**
   * Whether the trail is sent at present. A receiver that answers 410 disables it.
   * @example enabled
   */
  readonly status: SinkStatus;

  /**
   * Why the last message was not taken; null where it was.
   * @example http_503
   */
  readonly reason: string | null;

  /**
   * The sequence up to which the trail was delivered, or put among the dead letters.
   * @example 42
   */
  readonly delivered: number;

  /**
   * How often the message that is being tried was not taken.
   * @example 0
   */
  readonly attempts: number;

  /**
   * When a message was taken last; null: never.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly lastSuccessAt: Date | null;

  /**
   * When a message was not taken last; null: never.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly lastFailureAt: Date | null;

  /**
   * Grows with each change; the ETag of the resource.
   * @example 7
   */
  readonly revision: number;

  /**
   * When it was made.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When it was changed last.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly updatedAt: Date;

  // Field by field, so that a new column never reaches a caller by accident.
  constructor(sink: Sink) {
    this.id = sink.id;
    this.name = sink.name;
    this.url = sink.url;
    this.signing = sink.signing;
    this.publicKey = sink.publicKey;
    this.status = sink.status;
    this.reason = sink.reason;
    this.delivered = sink.delivered;
    this.attempts = sink.attempts;
    this.lastSuccessAt = sink.lastSuccessAt;
    this.lastFailureAt = sink.lastFailureAt;
    this.revision = sink.revision;
    this.createdAt = sink.createdAt;
    this.updatedAt = sink.updatedAt;
  }
}

/** A sink together with the secret that it was just given. */
export class AuditSinkWithSecretDto extends AuditSinkDto {
  /**
   * What messages are verified by, of `hmac`: in this answer and never again. Null of `ed25519`.
   * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=
   */
  readonly secret: string | null;

  constructor({ sink, secret }: SinkWithSecret) {
    super(sink);
    this.secret = secret;
  }
}

/** One page of sinks, oldest first. */
export class AuditSinksPageDto extends PageDtoOf(AuditSinkDto) {}
