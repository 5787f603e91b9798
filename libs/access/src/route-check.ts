import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';

import { ROUTE_ACCESS, type RouteAccess } from './route-access.js';

const HTTP_PATH = 'path';

/** Some route declares nothing about who may call it. */
export class RouteUndeclared extends Error {
  override readonly name = 'RouteUndeclared';
}

/** Stops the boot when any route of the application does not say who may call it. */
@Injectable()
export class RouteCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const undeclared = this.list().filter(({ access }) => access === undefined);
    if (undeclared.length > 0) {
      const names = undeclared.map(({ name }) => name).join(', ');
      throw new RouteUndeclared(
        `Declares neither @Public, @RequiresActor, @Requires nor @RequiresPlatform: ${names}.`,
      );
    }
  }

  /** Every route of the application, and what it asks of its caller. */
  list(): { readonly name: string; readonly access: RouteAccess | undefined }[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const prototype = metatype.prototype as Record<string, () => unknown>;
      return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
        const handler = prototype[method];
        if (!handler || !Reflect.hasMetadata(HTTP_PATH, handler)) return [];
        const access = this.reflector.get<RouteAccess | undefined>(ROUTE_ACCESS, handler);
        return { name: `${metatype.name}.${method}`, access };
      });
    });
  }
}
