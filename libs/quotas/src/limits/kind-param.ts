import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';

import { RequestInvalid } from '@tenantry/http';
import { KIND, KIND_RULE } from './quota-kind.js';

export const ApiKind = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'kind',
    description:
      'What is counted: 1 to 63 lower-case letters, digits, dots, colons, dashes and underscores, that begin with a letter. `leases` is taken.',
    example: 'requests',
  });

/** The kind in a path. Throws `RequestInvalid` for what no kind can be called. */
@Injectable()
export class KindName implements PipeTransform<string, string> {
  transform(kind: string): string {
    if (KIND.test(kind)) return kind;
    throw new RequestInvalid([{ pointer: '/kind', message: KIND_RULE }]);
  }
}
