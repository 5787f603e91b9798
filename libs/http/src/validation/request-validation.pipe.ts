import {
  type ArgumentMetadata,
  type CustomDecorator,
  Injectable,
  SetMetadata,
  ValidationPipe,
  type ValidationPipeOptions,
} from '@nestjs/common';

import { RequestInvalid } from '../request.errors.js';
import { fieldErrorsOf } from './field-errors.js';

const IGNORES_UNKNOWN = Symbol('ignores-unknown-fields');

/** The fields that this DTO does not know are dropped, where a standard wants it so (RFC 6749 §3.2). */
export const IgnoresUnknownFields = (): CustomDecorator<symbol> =>
  SetMetadata(IGNORES_UNKNOWN, true);

const OPTIONS: ValidationPipeOptions = {
  transform: true,
  whitelist: true,
  forbidNonWhitelisted: true,
  exceptionFactory: (errors) => new RequestInvalid(fieldErrorsOf(errors)),
};

/** Lets in what a DTO describes and nothing else; types are converted only where the DTO says so. */
@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  readonly #lenient = new ValidationPipe({ ...OPTIONS, forbidNonWhitelisted: false });

  constructor() {
    super(OPTIONS);
  }

  override async transform(given: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (!this.toValidate(metadata)) return given;
    // Who sends no body leaves everything out that it could hold.
    const value = given === undefined && metadata.type === 'body' ? {} : given;
    if (metadata.type === 'body' && !isObject(value)) {
      throw new RequestInvalid([{ pointer: '', message: 'must be a JSON object' }]);
    }
    return ignoresUnknown(metadata)
      ? this.#lenient.transform(value, metadata)
      : super.transform(value, metadata);
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ignoresUnknown({ metatype }: ArgumentMetadata): boolean {
  return metatype !== undefined && Reflect.getMetadata(IGNORES_UNKNOWN, metatype) === true;
}
