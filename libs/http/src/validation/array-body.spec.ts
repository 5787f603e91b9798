import { describe, expect, it } from '@jest/globals';
import { IsInt, IsString } from 'class-validator';

import { RequestInvalid } from '../request.errors.js';
import { ArrayBody } from './array-body.js';

class StepDto {
  @IsString()
  readonly name!: string;

  @IsInt()
  readonly size!: number;
}

describe(ArrayBody.name, () => {
  const body = new ArrayBody(StepDto, 3);
  const good = { name: 'a', size: 1 };

  const errorsOf = async (given: unknown): Promise<unknown> => {
    const refusal: unknown = await body.transform(given).catch((error: unknown) => error);
    return refusal instanceof RequestInvalid ? refusal.errors : refusal;
  };

  it('makes an instance of every entry', async () => {
    const made = await body.transform([good, { name: 'b', size: 2 }]);

    expect(made).toEqual([good, { name: 'b', size: 2 }]);
    expect(made.every((one) => one instanceof StepDto)).toBe(true);
    expect(await body.transform([])).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['an object', { 0: good, length: 1 }],
    ['nothing', undefined],
    ['null', null],
    ['a text that could be read as a list', '{"name":"a","size":1}'],
  ])('refuses %s', async (_, given) => {
    expect(await errorsOf(given)).toEqual([{ pointer: '', message: 'must be a JSON array' }]);
  });

  it('refuses more entries than it may hold', async () => {
    expect(await errorsOf([good, good, good, good])).toEqual([
      { pointer: '', message: 'must hold at most 3 items' },
    ]);
  });

  it('says which entry is wrong, and where', async () => {
    expect(await errorsOf([good, { name: 1, size: 1 }, { ...good, colour: 'red' }])).toEqual([
      { pointer: '/1/name', message: 'name must be a string' },
      { pointer: '/2/colour', message: 'is not a field of this request' },
    ]);
    expect(await errorsOf(['{"name":"a","size":1}', good])).toEqual([
      { pointer: '/0', message: 'must be a JSON object' },
    ]);
  });
});
