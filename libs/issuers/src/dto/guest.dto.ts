import { IsString, IsUUID, Matches, MaxLength, MinLength } from 'class-validator';

const SUBJECT_LENGTH_MAX = 255;

/** Somebody else's people, who are let in to one resource alone, for a while. */
export class GuestDto {
  /**
   * Id of the member of this tenant who answers for them.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  @IsUUID()
  readonly sponsor!: string;

  /**
   * The one resource that they get at: its kind, a slash, and its name.
   * @example workflow/po-1234
   */
  @IsString()
  @Matches(/^[a-z][a-z0-9-]{0,63}\/[\x21-\x7e]{1,200}$/, {
    message: 'must be a kind and a name, like workflow/po-1234',
  })
  readonly resource!: string;

  /**
   * Whom the issuer has to name: a subject to the letter, or a pattern in which `*` stands for any
   * characters. `*` alone is refused: it would invite everybody at the provider.
   * @example auditor-*
   */
  @IsString()
  @MinLength(1)
  @MaxLength(SUBJECT_LENGTH_MAX)
  readonly subject!: string;
}
