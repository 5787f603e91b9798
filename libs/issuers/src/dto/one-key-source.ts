import { registerDecorator } from 'class-validator';

const SOURCES = ['discovery', 'jwksUri', 'jwks'];

/** Exactly one source of keys is named. */
export function OneKeySource(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'oneKeySource',
      target: target.constructor,
      propertyName: String(property),
      options: { message: 'must name exactly one of discovery, jwksUri and jwks' },
      validator: { validate: namesOne },
    });
  };
}

function namesOne(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  const given: Record<string, unknown> = { ...value };
  return SOURCES.filter((name) => given[name] !== undefined && given[name] !== null).length === 1;
}
