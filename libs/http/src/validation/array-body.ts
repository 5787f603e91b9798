import { type PipeTransform, type Type as Class, ValidationPipe } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';

import { RequestInvalid } from '../request.errors.js';
import { fieldErrorsOf } from './field-errors.js';

/**
 * A body that is a JSON array of what `item` describes, `@Body(new ArrayBody(ConsentDto, 200))`:
 * each entry is held to the same rules as any other body, and its errors say which one it is.
 */
export class ArrayBody<Item extends object> implements PipeTransform<unknown, Promise<Item[]>> {
  readonly #list: Class<{ readonly items: Item[] }>;
  readonly #pipe = new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    // Only what stands below the list: who sent an array has never heard of what it is put into.
    exceptionFactory: (errors) =>
      new RequestInvalid(fieldErrorsOf(errors.flatMap(({ children = [] }) => children))),
  });

  constructor(
    item: Class<Item>,
    private readonly lengthMax: number,
  ) {
    this.#list = listOf(item);
  }

  async transform(given: unknown): Promise<Item[]> {
    if (!Array.isArray(given)) throw refused('must be a JSON array');
    if (given.length > this.lengthMax) throw refused(`must hold at most ${this.lengthMax} items`);
    const metadata = { type: 'body', metatype: this.#list } as const;
    const list: unknown = await this.#pipe.transform({ items: given }, metadata);
    // What the pipe has let by is an instance of its metatype.
    return (list as { readonly items: Item[] }).items;
  }
}

function refused(message: string): RequestInvalid {
  return new RequestInvalid([{ pointer: '', message }]);
}

function listOf<Item extends object>(item: Class<Item>): Class<{ readonly items: Item[] }> {
  class List {
    @ValidateNested({ each: true, message: 'must be a JSON object' })
    @Type(() => item)
    readonly items!: Item[];
  }
  return List;
}
