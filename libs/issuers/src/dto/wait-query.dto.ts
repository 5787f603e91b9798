import { IsIn, IsOptional } from 'class-validator';

/** Whether a registration is answered at once, or after the first check. */
export class WaitQueryDto {
  /**
   * `first-validation`: answer after the first verdict, at most 10 seconds later.
   * @example first-validation
   */
  @IsOptional()
  @IsIn(['first-validation'])
  readonly wait?: 'first-validation';
}
