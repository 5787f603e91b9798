import { ApiParam } from '@nestjs/swagger';

/** Refusals that every route upon one secret knows. */
export const NOT_FOUND = { 404: ['secrets.not_found'] };
export const STALE = { 412: ['request.revision_stale'] };
export const VAULT_SEALED = { 503: ['secrets.vault_sealed'] };

export const ApiSecret = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'secret',
    description:
      'Name of the secret: 1 to 128 letters, digits, dots, dashes and underscores, that begin with a letter or digit and hold no two dots in a row. `consents` is taken.',
    example: 'erp.password',
  });

export const ApiVersion = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'version', description: 'Number of the version.', example: '2' });
