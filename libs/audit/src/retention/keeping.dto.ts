import { ApiProperty } from '@nestjs/swagger';
import {
  IsInt,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
} from 'class-validator';

import { IsPlainEmail, MayBeAbsent } from '@tenantry/http';

const DAYS_MIN = 30;
const DAYS_MAX = 36_500;

/** For how long a trail is kept. */
export class RetentionDto {
  @ApiProperty({
    type: 'integer',
    nullable: true,
    minimum: DAYS_MIN,
    maximum: DAYS_MAX,
    description:
      'After how many days a record may go: whole segments do, once their last record is that old. Null: never.',
    example: 400,
  })
  @ValidateIf((retention: RetentionDto) => retention.days !== null)
  @IsInt()
  @Min(DAYS_MIN)
  @Max(DAYS_MAX)
  readonly days!: number | null;
}

/** For how long which trail is kept. */
export class TrailRetentionDto extends RetentionDto {
  /**
   * The trail: a tenant's id, or the nil UUID.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly trail!: string;

  constructor(kept: TrailRetentionDto) {
    super();
    Object.assign(this, kept);
  }
}

/** Who is to be erased. */
export class EraseDto {
  /**
   * The id of the member, or of whoever is an actor or a target of records.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  @Matches(/^[^@\s]+$/, { message: 'must be an id: an address would stay on record' })
  readonly person!: string;

  /**
   * Their e-mail address, which is erased wherever it stands.
   * @example ada@acme.example
   */
  @MayBeAbsent()
  @IsPlainEmail()
  readonly email?: string;
}

/** What was erased. */
export class ErasedDto {
  /**
   * How many records told something of that person.
   * @example 112
   */
  readonly records!: number;

  constructor(records: number) {
    this.records = records;
  }
}
