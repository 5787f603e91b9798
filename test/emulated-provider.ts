import type { IdentityProvider, IdentityProviderOptions } from '@tenantry/testing';
import { fillPreset } from '../libs/issuers/src/presets/fill-preset.js';
import type { IssuerPreset } from '../libs/issuers/src/presets/issuer-preset.js';
import { refusalOf } from './trust-world.js';
import { answeredWith, type IssuerView, type Trusting, type World } from './world.js';

type Claims = Readonly<Record<string, unknown>>;

/** What a preset is filled with, and what of its registration an emulation needs to be otherwise. */
export interface Filling {
  readonly values: Readonly<Record<string, string>>;
  readonly given?: object;
}

export interface Emulation extends IdentityProviderOptions {
  /** Id of the preset. */
  readonly preset: string;
  /** What the real provider says in a token that opens the tenant. */
  readonly claims: Claims;
  readonly filling: (idp: IdentityProvider) => Filling;
}

/** As whom a token comes in, and where. */
export interface Admitted {
  readonly tenant: string;
  readonly subject: string;
  readonly email: string | null;
  readonly roles: readonly string[];
}

interface Me {
  readonly actor: { readonly subject: string; readonly email?: string };
  readonly tenant: { readonly id: string };
  readonly roles: readonly string[];
}

/** A provider of ours that says what a real one says, and is trusted as its preset has it. */
export class EmulatedProvider {
  private constructor(
    private readonly world: World,
    private readonly emulation: Emulation,
    readonly idp: IdentityProvider,
    readonly trusting: Trusting,
  ) {}

  /** Has a new tenant trust the provider. */
  static async start(world: World, emulation: Emulation): Promise<EmulatedProvider> {
    const idp = await world.idp(emulation);
    const trusting = await trustBy(world, emulation.preset, emulation.filling(idp));
    return new EmulatedProvider(world, emulation, idp, trusting);
  }

  get tenantId(): string {
    return this.trusting.tenant.id;
  }

  /** Has another tenant trust the same provider. */
  alsoTrusted(filling: Filling): Promise<Trusting> {
    return trustBy(this.world, this.emulation.preset, filling);
  }

  /** Adds somebody as a viewer whom this issuer knows. */
  async add(
    member: { readonly email: string; readonly subject?: string },
    { tenant, issuer } = this.trusting,
  ): Promise<void> {
    await this.world.addMember(tenant, { roles: ['viewer'], issuerId: issuer.id, ...member });
  }

  /** What becomes of a token that differs from the good one by these claims alone. */
  async outcomeOf(change: Claims = {}, type = 'JWT'): Promise<Admitted | string> {
    const claims = { ...this.emulation.claims, ...change };
    const token = await this.idp.token({ subject: 'replaced', type, claims });
    const answer = await this.world.bearer(token).get('/v1/me');
    if (answer.status !== 200) return refusalOf(answer);
    const { actor, tenant, roles } = answer.json as Me;
    return { tenant: tenant.id, subject: actor.subject, email: actor.email ?? null, roles };
  }
}

/** The keys of a provider, for a registration that looks none up: the real one has one address for all. */
export function withKeysOf({ currentKey }: IdentityProvider): object {
  return { keys: { jwks: { keys: [currentKey.publicJwk] } } };
}

async function trustBy(world: World, id: string, { values, given }: Filling): Promise<Trusting> {
  const preset = answeredWith(200, await world.admin.get(`/v1/issuer-presets/${id}`));
  const body = { ...fillPreset(preset as IssuerPreset, values), ...given };
  const tenant = await world.createTenant();
  const path = `/v1/tenants/${tenant.id}/issuers`;
  const answer = await world.admin.post(`${path}?wait=first-validation`, body);
  const issuer = answeredWith(201, answer) as IssuerView;
  if (issuer.health.state !== 'healthy') throw new Error(`Not healthy: ${answer.text}`);
  return { tenant, issuer, path: `${path}/${issuer.id}` };
}
