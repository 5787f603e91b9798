import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One wrong place of a request. */
export class FieldErrorDto {
  @ApiProperty({
    description: 'Where: a JSON pointer (RFC 6901); empty for the whole body.',
    example: '/audiences/0',
  })
  readonly pointer!: string;

  @ApiProperty({ description: 'What is wrong there.', example: 'must be a string' })
  readonly message!: string;
}

/** Every refusal and failure, as RFC 9457 tells it. */
export class ProblemDto {
  @ApiProperty({
    description: 'The code as a URN.',
    format: 'uri',
    example: 'urn:tenantry:problem:request.invalid',
  })
  readonly type!: string;

  @ApiProperty({ description: 'The status in words.', example: 'Unprocessable Content' })
  readonly title!: string;

  @ApiProperty({
    description: 'The status of the answer.',
    type: 'integer',
    minimum: 400,
    maximum: 599,
    example: 422,
  })
  readonly status!: number;

  @ApiProperty({
    description: 'What programs decide by; it never changes.',
    pattern: '^[a-z]+\\.[a-z_]+$',
    example: 'request.invalid',
  })
  readonly code!: string;

  @ApiProperty({
    description: 'What people read, and what they may do about it.',
    example: 'Some of what was sent is missing, malformed or unknown: errors names each place.',
  })
  readonly detail!: string;

  @ApiProperty({
    description: 'The id under which the log knows this request; also in X-Request-Id.',
    example: '019aa0b5-7c1e-7d0a-9a53-6f4b6d1f2c11',
  })
  readonly requestId!: string;

  @ApiPropertyOptional({
    description: 'Each wrong place of the request, at most 50.',
    type: [FieldErrorDto],
    maxItems: 50,
  })
  readonly errors?: readonly FieldErrorDto[];
}

/** What /oauth answers instead (RFC 6749 §5.2). */
export class OAuthProblemDto {
  @ApiProperty({ description: 'What programs decide by.', example: 'invalid_client' })
  readonly error!: string;

  @ApiProperty({ description: 'What people read.', example: 'The client is unknown.' })
  readonly error_description!: string;
}

/** For `createDocument(…, { extraModels: PROBLEM_MODELS })`: the document refers to them by name. */
export const PROBLEM_MODELS = [ProblemDto, FieldErrorDto, OAuthProblemDto];
