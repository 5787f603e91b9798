import { ValidateBy } from 'class-validator';

/**
 * Refuses, beside `@IsEmail()`, an address with characters that are only another form of others:
 * people's addresses are compared in one form, so that it would take the place of a real one, to
 * which no mail ever goes.
 */
export function IsPlainEmail(): PropertyDecorator {
  return ValidateBy({
    name: 'isPlainEmail',
    validator: {
      validate: (value) => typeof value === 'string' && value === value.normalize('NFKC'),
      defaultMessage: () => 'must not hold characters that are another form of others',
    },
  });
}
