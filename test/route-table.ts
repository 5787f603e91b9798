import { RequestMethod, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { getMetadataStorage } from 'class-validator';

import { type RouteAccess, RouteCheck } from '@tenantry/access';
import { ListQueryDto } from '@tenantry/http';
import type { Api } from './start-api.js';

/** A route of the running application. */
export interface AppRoute {
  /** `POST /v1/tenants/:tenant/issuers`. */
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly access: RouteAccess;
  /** Names of the parameters in the path. */
  readonly parameters: readonly string[];
  /** Whether it is a list with a cursor. */
  readonly isPaged: boolean;
  /** Fields of the query that take any text: there an id may stand. */
  readonly freeQueryFields: readonly string[];
}

// Where Nest keeps what its decorators say.
const PATH = 'path';
const METHOD = 'method';
const ARGUMENTS = '__routeArguments__';
const PARAMETER_TYPES = 'design:paramtypes';
const QUERY_ARGUMENT = /^4:(\d+)$/;

const PAGING = new Set(['limit', 'cursor']);

type Handler = Parameters<typeof Reflect.getMetadata>[1];

/** Every route that the controllers declare, as Nest found them. */
export function declaredRoutes({ app }: Pick<Api, 'app'>): AppRoute[] {
  const accesses = new Map(
    app
      .get(RouteCheck)
      .list()
      .map(({ name, access }) => [name, access]),
  );
  const scanner = new MetadataScanner();
  return app
    .get(DiscoveryService)
    .getControllers()
    .flatMap(({ metatype }) => {
      if (typeof metatype !== 'function') return [];
      const controller = metatype as Type;
      const prototype = controller.prototype as Record<string, Handler>;
      return scanner.getAllMethodNames(prototype).flatMap((name): AppRoute[] => {
        const access = accesses.get(`${controller.name}.${name}`);
        const handler = prototype[name];
        return access && handler ? [routeOf(controller, name, handler, access)] : [];
      });
    });
}

function routeOf(controller: Type, name: string, handler: Handler, access: RouteAccess): AppRoute {
  const method = RequestMethod[Reflect.getMetadata(METHOD, handler) as RequestMethod];
  const parts = [PATH, PATH].map((key, level) =>
    String(Reflect.getMetadata(key, level === 0 ? controller : handler)),
  );
  const path = `/${parts.join('/').split('/').filter(Boolean).join('/')}`;
  const queries = queryTypesOf(controller, name);
  return {
    key: `${method} ${path}`,
    method,
    path,
    access,
    parameters: [...path.matchAll(/:(\w+)/g)].map(([, parameter = '']) => parameter),
    isPaged:
      queries.some(({ prototype }) => prototype instanceof ListQueryDto) ||
      queries.includes(ListQueryDto),
    freeQueryFields: [...new Set(queries.flatMap(freeFieldsOf))],
  };
}

/** The classes that a handler's `@Query()` parameters are made into. */
function queryTypesOf(controller: Type, name: string): Type[] {
  const given = (Reflect.getMetadata(ARGUMENTS, controller, name) ?? {}) as object;
  const types = (Reflect.getMetadata(PARAMETER_TYPES, controller.prototype as object, name) ??
    []) as Type[];
  return Object.keys(given).flatMap((argument) => {
    const type = types[Number(QUERY_ARGUMENT.exec(argument)?.[1])];
    return type ? [type] : [];
  });
}

function freeFieldsOf(type: Type): string[] {
  return getMetadataStorage()
    .getTargetValidationMetadatas(type, '', true, false)
    .filter(({ name, propertyName }) => name === 'isString' && !PAGING.has(propertyName))
    .map(({ propertyName }) => propertyName);
}

const LINE = /^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/;
const INDENT = 4;

/** Every route that Fastify answers, whoever put it there: `GET /v1/me`. */
export function servedRoutes({ app }: Pick<Api, 'app'>): string[] {
  const trail: string[] = [];
  const fastify = app.getHttpAdapter().getInstance();
  return fastify
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', segment = '', methods = ''] = LINE.exec(line) ?? [];
      trail.splice(indent.length / INDENT, trail.length, segment);
      const path = trail.join('');
      return methods
        .split(', ')
        .filter(Boolean)
        .map((method) => `${method} ${path}`);
    });
}

/** In words, for a snapshot: `tenant issuers:write`. */
export function wordsOf(access: RouteAccess): string {
  if (!('permission' in access)) return access.kind;
  const others = 'enginesByConsent' in access ? ', or an engine by consent' : '';
  return `${access.kind} ${access.permission}${others}`;
}
