import { ApiParam } from '@nestjs/swagger';

/** Refusals that every route upon one service account knows. */
export const NOT_FOUND = { 404: ['service_accounts.not_found'] };

/** Refusals of whatever may take away what an account holds. */
export const ALTERING = {
  ...NOT_FOUND,
  403: ['access.tenant_claimed'],
  409: ['members.last_admin'],
};

/** Refusals of whatever gives somebody what an account holds. */
export const GIVING = { ...NOT_FOUND, 403: ['members.escalation', 'access.tenant_claimed'] };

export const ApiAccount = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'account',
    description: 'Id of the service account.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });
