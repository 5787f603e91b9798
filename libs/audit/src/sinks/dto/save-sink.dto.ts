import { IsIn, IsString, MaxLength, MinLength } from 'class-validator';

import { MayBeAbsent } from '@tenantry/http';
import type { NewSink, Signing, SinkChanges, SinkStatus } from '../sink.js';

const NAME_LENGTH_MAX = 100;
const URL_LENGTH_MAX = 2_048;

/** A sink that a tenant wants. */
export class CreateAuditSinkDto implements NewSink {
  /**
   * Name for people.
   * @example SIEM
   */
  @IsString()
  @MinLength(1)
  @MaxLength(NAME_LENGTH_MAX)
  readonly name!: string;

  /**
   * Where messages are posted: https, at a public address.
   * @example https://siem.acme.example/hooks/tenantry
   */
  @IsString()
  @MinLength(1)
  @MaxLength(URL_LENGTH_MAX)
  readonly url!: string;

  /**
   * How messages are signed; `hmac` unless said otherwise.
   * @example hmac
   */
  @MayBeAbsent()
  @IsIn(['hmac', 'ed25519'])
  readonly signing?: Signing;

  /**
   * From where on the trail is sent: from `now` on, unless said otherwise.
   * @example now
   */
  @MayBeAbsent()
  @IsIn(['now', 'beginning'])
  readonly from?: 'now' | 'beginning';
}

/** What changes; a field that is not named stays. */
export class ChangeAuditSinkDto implements SinkChanges {
  /**
   * Name for people.
   * @example SIEM
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(NAME_LENGTH_MAX)
  readonly name?: string;

  /**
   * Where messages are posted from now on, that which is being tried at once.
   * @example https://siem.acme.example/hooks/tenantry
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(URL_LENGTH_MAX)
  readonly url?: string;

  /**
   * `disabled` stops it; `enabled` goes on where it stopped.
   * @example disabled
   */
  @MayBeAbsent()
  @IsIn(['enabled', 'disabled'])
  readonly status?: SinkStatus;
}
