import { Validate, ValidatorConstraint, type ValidatorConstraintInterface } from 'class-validator';

export const THRESHOLDS_MAX = 10;
const PERCENT_MAX = 100;

/** Percents, each but once, the smallest first. */
@ValidatorConstraint({ name: 'thresholds' })
class Thresholds implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (!Array.isArray(value) || value.length > THRESHOLDS_MAX) return false;
    const given: readonly unknown[] = value;
    return given.every((percent, place) => {
      if (typeof percent !== 'number' || !Number.isInteger(percent)) return false;
      const before = place === 0 ? 0 : Number(given[place - 1]);
      return percent > before && percent <= PERCENT_MAX;
    });
  }

  defaultMessage(): string {
    return `must be at most ${THRESHOLDS_MAX} whole percents from 1 to ${PERCENT_MAX}, each but once, in ascending order`;
  }
}

/** A list of percents at which somebody is told. */
export function AreThresholds(): PropertyDecorator {
  return Validate(Thresholds);
}
