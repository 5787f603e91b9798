import { ValidateIf } from 'class-validator';

/** The field may be left out, but not be null: there is nothing for null to mean. */
export function MayBeAbsent(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}
