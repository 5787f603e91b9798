import type { ValidationError } from '@nestjs/common';

import type { FieldError } from '@tenantry/kernel';
import { FIELD_ERRORS_MAX } from '../request.errors.js';
import { NOT_A_FIELD } from './fields.js';
import { pointerOf } from './json-pointer.js';

/** What class-validator found, flattened into places and messages; never more than fifty. */
export function fieldErrorsOf(found: readonly ValidationError[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const error of flatten(found, [])) {
    if (errors.push(error) === FIELD_ERRORS_MAX) break;
  }
  return errors;
}

function* flatten(
  found: readonly ValidationError[],
  parents: readonly string[],
): Generator<FieldError, void> {
  for (const { property, constraints = {}, children = [] } of found) {
    const path = [...parents, property];
    for (const [constraint, message] of Object.entries(constraints)) {
      yield { pointer: pointerOf(path), message: wordsOf(constraint, message) };
    }
    yield* flatten(children, path);
  }
}

function wordsOf(constraint: string, message: string): string {
  return constraint === 'whitelistValidation' ? NOT_A_FIELD : message;
}
