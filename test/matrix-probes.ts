import { newId } from '@tenantry/kernel';
import type { FilledTenant, MatrixWorld } from './matrix-world.js';
import { type Ids, pathOf, sampleOf } from './route-samples.js';
import type { AppRoute } from './route-table.js';
import { type Request, textOf } from './send.js';

/** Two requests of one actor: one names what is another tenant's, the other what never was. */
export interface Probe {
  readonly foreign: Request;
  readonly unknown: Request;
}

/** How one route is to answer probes of one sort. */
export interface Check {
  readonly title: string;
  readonly status: readonly number[];
  /** What the code of the refusal looks like. */
  readonly code: RegExp;
  readonly probes: readonly Probe[];
}

interface Parties {
  readonly stranger: FilledTenant;
  readonly victim: FilledTenant;
  /** The idempotency key that the victim used on a route. */
  readonly keyOf: (route: AppRoute) => string | undefined;
}

const MISMATCH = /^access\.tenant_mismatch$/;
const NO_PERMISSION = /^access\.permission_missing$/;

/** Everything that an actor of one tenant tries upon another, on one route. */
export class Probes {
  readonly #nobody: Ids;

  constructor(
    private readonly world: MatrixWorld,
    private readonly parties: Parties,
  ) {
    const { stranger, victim } = parties;
    // What both have alike is nobody's, and stays what it is.
    this.#nobody = Object.fromEntries(
      Object.entries(victim.ids).map(([name, id]) => [
        name,
        stranger.ids[name] === id ? id : name === 'kind' ? `kind-${newId()}` : newId(),
      ]),
    );
  }

  async checksOf(route: AppRoute): Promise<Check[]> {
    const checks = [
      this.#ofPath(route),
      this.#ofHeader(route),
      this.#ofIds(route),
      this.#ofBodyIds(route),
      this.#ofBodyTenant(route),
      await this.#ofCursor(route),
    ];
    return checks.filter(({ probes }) => probes.length > 0);
  }

  /** The other tenant's path, by every name that it has, with its ids and its idempotency key. */
  #ofPath(route: AppRoute): Check {
    const { victim } = this.parties;
    const { tenant: nobody = '' } = this.#nobody;
    const names: (readonly [string, string])[] = [
      [victim.id, nobody],
      [victim.slug, 'nobody'],
      [victim.id.toUpperCase(), nobody.toUpperCase()],
    ];
    const probes = names.map(([foreign, unknown]): Probe => ({
      foreign: this.#keyed(route, { ...victim.ids, tenant: foreign }, this.parties.keyOf(route)),
      unknown: this.#keyed(route, { ...this.#nobody, tenant: unknown }, newId()),
    }));
    return {
      title: `${route.key} of another tenant`,
      status: [403],
      code: MISMATCH,
      probes: route.parameters.includes('tenant')
        ? [...probes, ...headsOf(probes.slice(0, 1))]
        : [],
    };
  }

  /** The own path, with a header that names another tenant. */
  #ofHeader(route: AppRoute): Check {
    const { stranger, victim } = this.parties;
    const { tenant: nobody = '' } = this.#nobody;
    const names: (readonly [string, string])[] = [
      [victim.id, nobody],
      [victim.slug, 'nobody'],
      [`${stranger.id}, ${victim.id}`, `${stranger.id}, ${nobody}`],
    ];
    const under = (name: string): Request => {
      const request = this.#own(route, stranger.ids);
      return { ...request, headers: { ...request.headers, 'x-tenant-id': name } };
    };
    return {
      title: `${route.key} with another tenant in X-Tenant-Id`,
      status: [403],
      code: MISMATCH,
      probes: names.map(([foreign, unknown]) => ({
        foreign: under(foreign),
        unknown: under(unknown),
      })),
    };
  }

  /** The own path, with ids of the other tenant: each by itself, and all together. */
  #ofIds(route: AppRoute): Check {
    const { stranger, victim } = this.parties;
    // What both name alike is nobody's: a preset, the name of a key.
    const names = route.parameters.filter(
      (name) => name !== 'tenant' && stranger.ids[name] !== victim.ids[name],
    );
    const choices = [...names.map((name) => [name]), ...(names.length > 1 ? [names] : [])];
    return {
      title: `${route.key} of the own tenant with ids of another`,
      // A PUT would make what is not there; under If-Match it must not.
      ...refusalOf(
        route,
        route.method === 'PUT'
          ? { status: [404, 412], code: /(?:not_found|revision_stale)$/ }
          : { status: [404], code: /not_found$/ },
      ),
      probes: choices.map((choice) => ({
        foreign: this.#keyed(
          route,
          { ...stranger.ids, ...pick(victim.ids, choice) },
          this.parties.keyOf(route),
        ),
        unknown: this.#keyed(route, { ...stranger.ids, ...pick(this.#nobody, choice) }, newId()),
      })),
    };
  }

  /** The own path, with a body that names things of the other tenant. */
  #ofBodyIds(route: AppRoute): Check {
    const { body } = sampleOf(route);
    const mark = this.world.mark();
    const foreign = body?.(this.parties.victim.ids, mark);
    const unknown = body?.(this.#nobody, mark);
    const namesIds = JSON.stringify(foreign) !== JSON.stringify(unknown);
    const own = this.#own(route, this.parties.stranger.ids);
    return {
      title: `${route.key} with ids of another tenant in the body`,
      ...refusalOf(route, { status: [404, 409, 422], code: /^\w+\.\w+$/ }),
      probes:
        foreign && unknown && namesIds
          ? [{ foreign: { ...own, body: foreign }, unknown: { ...own, body: unknown } }]
          : [],
    };
  }

  /** The own path, with a body that says whose it is: nothing but the token does. */
  #ofBodyTenant(route: AppRoute): Check {
    const own = this.#own(route, this.parties.stranger.ids);
    const claiming = (tenantId: string | undefined): Request => ({
      ...own,
      body: { ...own.body, tenantId },
    });
    return {
      title: `${route.key} with another tenant in the body`,
      ...refusalOf(route, { status: [422], code: /^request\.invalid$/ }),
      probes: own.body
        ? [{ foreign: claiming(this.parties.victim.id), unknown: claiming(this.#nobody['tenant']) }]
        : [],
    };
  }

  /** The own list, with a cursor of the other tenant's, or with one that nobody handed out. */
  async #ofCursor(route: AppRoute): Promise<Check> {
    const { stranger, victim } = this.parties;
    const check = {
      title: `${route.key} with a cursor of another tenant`,
      ...refusalOf(route, { status: [422], code: /^request\.cursor_invalid$/ }),
    };
    if (!route.isPaged) return { ...check, probes: [] };
    const path = `${pathOf(route, victim.ids)}?limit=1`;
    const token = this.world.rightfulToken(route, victim);
    const page = await this.world.send({ method: 'GET', path, token });
    const cursor = textOf(page, 'nextCursor');
    const from = (given: string): Request => {
      const own = this.#own(route, stranger.ids);
      return { ...own, path: `${own.path}?limit=1&cursor=${given}` };
    };
    const unknown = Buffer.alloc(cursor.length * 0.75, 7).toString('base64url');
    return { ...check, probes: [{ foreign: from(cursor), unknown: from(unknown) }] };
  }

  /** The stranger's filters, each given every id of the other tenant. */
  filtersOf(route: AppRoute): Probe[] {
    const { stranger, victim } = this.parties;
    // What both have alike tells nothing of anybody.
    const own = Object.entries(victim.ids).filter(([name, id]) => stranger.ids[name] !== id);
    const ids = [...own.map(([, id]) => id), victim.slug, victim.adminId, victim.issuer];
    const filtered = (field: string, value: string): Request => {
      const request = this.#own(route, stranger.ids);
      return { ...request, path: `${request.path}?${field}=${encodeURIComponent(value)}` };
    };
    return route.freeQueryFields.flatMap((field) =>
      ids.map((id) => ({ foreign: filtered(field, id), unknown: filtered(field, newId()) })),
    );
  }

  #own(route: AppRoute, ids: Ids): Request {
    const token = this.world.tokenIn(this.parties.stranger, route.path);
    return this.world.requestOf(route, ids, token);
  }

  #keyed(route: AppRoute, ids: Ids, key: string | undefined): Request {
    const request = this.#own(route, ids);
    if (route.method !== 'POST' || key === undefined) return request;
    return { ...request, headers: { ...request.headers, 'idempotency-key': key } };
  }
}

/** A platform route refuses a tenant's actor before it looks at anything. */
function refusalOf(
  { access }: AppRoute,
  otherwise: Pick<Check, 'status' | 'code'>,
): Pick<Check, 'status' | 'code'> {
  return access.kind === 'platform' ? { status: [403], code: NO_PERMISSION } : otherwise;
}

/** Fastify answers HEAD wherever it answers GET. */
function headsOf(probes: readonly Probe[]): Probe[] {
  const headOf = (request: Request): Request => ({ ...request, method: 'HEAD' });
  return probes
    .filter(({ foreign }) => foreign.method === 'GET')
    .map(({ foreign, unknown }) => ({ foreign: headOf(foreign), unknown: headOf(unknown) }));
}

function pick(ids: Ids, names: readonly string[]): Ids {
  return Object.fromEntries(Object.entries(ids).filter(([name]) => names.includes(name)));
}
