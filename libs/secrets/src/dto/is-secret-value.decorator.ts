import { registerDecorator, type ValidationArguments } from 'class-validator';

import { flawOfValue } from '../secret-value.js';

/** The field holds a value that can be sealed: what is wrong is told without any of it. */
export function IsSecretValue(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isSecretValue',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => flawOfValue(value) === null,
        defaultMessage: (given?: ValidationArguments) =>
          flawOfValue(given?.value) ?? 'is malformed',
      },
    });
  };
}
