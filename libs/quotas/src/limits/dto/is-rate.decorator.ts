import { Validate, ValidatorConstraint, type ValidatorConstraintInterface } from 'class-validator';

const MICROS = 1_000_000;

export const PER_SECOND_MIN = 0.000_001;
export const PER_SECOND_MAX = 1_000_000_000;

/** A number of units a second that is kept as it was sent. */
@ValidatorConstraint({ name: 'rate' })
class Rate implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return (
      typeof value === 'number' &&
      value >= PER_SECOND_MIN &&
      value <= PER_SECOND_MAX &&
      Math.round(value * MICROS) / MICROS === value
    );
  }

  defaultMessage(): string {
    return `must be a number from 0.000001 to ${PER_SECOND_MAX}, of at most six decimals`;
  }
}

/** Units a second: more than none, and of at most six decimals. */
export function IsRate(): PropertyDecorator {
  return Validate(Rate);
}
