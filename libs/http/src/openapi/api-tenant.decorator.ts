import { ApiParam } from '@nestjs/swagger';

/** Documents the tenant in a path. */
export const ApiTenant = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'tenant', description: 'Id or slug of the tenant.', example: 'acme' });
