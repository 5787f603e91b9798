import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export const NOT_IDEMPOTENT = Symbol('not-idempotent');

/** Marks the operation in the OpenAPI document, until the document is completed. */
export const NOT_IDEMPOTENT_EXTENSION = 'x-not-idempotent';

/** This route, or every route of this controller, heeds no `Idempotency-Key`. */
export const NotIdempotent = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(NOT_IDEMPOTENT, true), ApiExtension(NOT_IDEMPOTENT_EXTENSION, true));
