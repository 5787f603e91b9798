import { IsString, Matches, MaxLength, MinLength } from 'class-validator';

import { PageDtoOf } from '@tenantry/http';
import { NAME } from '../secret-name.js';
import type { GivenConsent, WantedConsent } from './consent.js';

const ACCOUNT_LENGTH_MAX = 255;

/** What an engine is to be let at. */
export class ConsentDto implements WantedConsent {
  /**
   * The engine: client id, or id, of a service account of the platform whose only role is `engine`.
   * @example svc-0f3a9c1d27b64e58a1c2d3e4
   */
  @IsString()
  @MinLength(1)
  @MaxLength(ACCOUNT_LENGTH_MAX)
  readonly serviceAccount!: string;

  /**
   * How the names of the secrets begin, letter by letter: `erp.` stands for `erp.password`, and not
   * for `erp2.password`.
   * @example erp.
   */
  @IsString()
  @Matches(NAME, { message: 'must be the beginning of a name, 1 to 128 characters' })
  readonly namePrefix!: string;
}

/** An engine's leave to reveal secrets. */
export class GivenConsentDto {
  /**
   * Client id of the engine.
   * @example svc-0f3a9c1d27b64e58a1c2d3e4
   */
  readonly serviceAccount: string;

  /**
   * Id of the engine.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly accountId: string;

  /**
   * How the names of the secrets begin that it may reveal.
   * @example erp.
   */
  readonly namePrefix: string;

  /**
   * Id of the actor who consented.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3e
   */
  readonly givenBy: string;

  /**
   * When.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly createdAt: Date;

  constructor({ clientId, accountId, namePrefix, givenBy, createdAt }: GivenConsent) {
    this.serviceAccount = clientId;
    this.accountId = accountId;
    this.namePrefix = namePrefix;
    this.givenBy = givenBy;
    this.createdAt = createdAt;
  }
}

/** Everything that engines may reveal of a tenant. */
export class ConsentsPageDto extends PageDtoOf(GivenConsentDto) {}
