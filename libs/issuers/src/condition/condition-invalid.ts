/** The source cannot be a condition; the message says which rule it breaks, and where. */
export class ConditionInvalid extends Error {
  override readonly name = 'ConditionInvalid';

  static at(place: Place, rule: string, options?: ErrorOptions): ConditionInvalid {
    return new ConditionInvalid(`${rule} (${position(place)}).`, options);
  }
}

interface Place {
  readonly input: string;
  readonly start: number;
}

function position({ input, start }: Place): string {
  const lines = input.slice(0, start).split('\n');

  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}
