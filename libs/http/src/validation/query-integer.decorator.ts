import { Transform } from 'class-transformer';

/**
 * Reads a whole number of at most so many digits out of a query; what is none stays the text that it
 * was, for the rules of the field to refuse. Not `Number`: it reads '', ' 5 ', '0x10' and '1e2' too.
 */
export function QueryInteger(digitsMax: number): PropertyDecorator {
  const form = new RegExp(`^\\d{1,${digitsMax}}$`);
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && form.test(value) ? Number(value) : value,
  );
}
