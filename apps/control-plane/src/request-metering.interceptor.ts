import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';

import type { GuardedRequest } from '@tenantry/access';
import { UsageMeter } from '@tenantry/usage';

/** Counts every request that the guard let into a tenant, whatever comes of it then. */
@Injectable()
export class RequestMeteringInterceptor implements NestInterceptor<unknown, unknown> {
  constructor(private readonly meter: UsageMeter) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const { caller } = context.switchToHttp().getRequest<GuardedRequest>();
    if (caller?.tenant) this.meter.count(caller.tenant.id, 'requests', 1, caller.actor.id);
    return next.handle();
  }
}
