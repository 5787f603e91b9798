import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsOptional,
  Matches,
  Max,
  Min,
} from 'class-validator';

import { QueryInteger } from '@tenantry/http';
import type { Revealed } from '../reveal/reveal.service.js';
import { NAME } from '../secret-name.js';
import type { SecretValue } from '../secret-value.js';
import { VERSION_MAX } from '../secret-version-number.js';

const NAMES_MAX = 100;

/** Which version is wanted. */
export class ValueQueryDto {
  @ApiProperty({
    required: false,
    description: 'The version; left out, the current one.',
    type: 'integer',
    minimum: 1,
    maximum: VERSION_MAX,
    example: 2,
  })
  @IsOptional()
  @QueryInteger(10)
  @IsInt()
  @Min(1)
  @Max(VERSION_MAX)
  readonly version?: number;
}

/** Which values are wanted. */
export class RevealSecretsDto {
  /**
   * Names, 1 to 100, of at most 1 MiB together: all are revealed, or none.
   * @example ["erp.user", "erp.password"]
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(NAMES_MAX)
  @ArrayUnique()
  @Matches(NAME, { each: true, message: 'each must be the name of a secret' })
  readonly names!: string[];
}

/** A value in clear. */
export class RevealedDto {
  /**
   * Name of the secret.
   * @example erp.password
   */
  readonly name: string;

  /**
   * The version that this is.
   * @example 3
   */
  readonly version: number;

  @ApiProperty({
    description: 'The value as it was saved: a text, or bytes as { "base64": "…" }.',
    oneOf: [
      { type: 'string' },
      {
        type: 'object',
        required: ['base64'],
        properties: { base64: { type: 'string', format: 'byte' } },
      },
    ],
    example: 'correct horse battery staple',
  })
  readonly value: SecretValue;

  constructor({ name, version, value }: Revealed) {
    this.name = name;
    this.version = version;
    this.value = value;
  }
}

/** Several values in clear. */
export class RevealedListDto {
  /** In the order in which they were asked for. */
  readonly items: RevealedDto[];

  constructor(revealed: readonly Revealed[]) {
    this.items = revealed.map((one) => new RevealedDto(one));
  }
}
