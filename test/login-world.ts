import type { KnownPerson } from '@tenantry/access';
import { newId } from '@tenantry/kernel';
import { PeopleRegistry } from '@tenantry/signin';
import { TestClock } from '@tenantry/testing';
import { TOTP } from 'otpauth';
import { PasswordHasher } from '../libs/signin/src/passwords/password-hasher.js';
import { type Answer, send, textOf } from './send.js';
import { Superuser } from './superuser.js';
import { answeredWith, type TenantView, World } from './world.js';

export const PASSWORD = 'six blue pianos under water';
export const CODE_LASTS_MS = 30_000;

/** What somebody sends to sign in, and from where. */
export interface SignIn {
  readonly email?: string;
  readonly password?: string;
  readonly tenant?: string | null;
  readonly code?: string;
  readonly cookie?: boolean;
}

/** Somebody's second factor, as their app and their drawer hold it. */
export interface HeldFactor {
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** People with accounts, without anybody who invited them; and how they sign in. */
export class LoginWorld {
  #network = 0;

  private constructor(
    readonly world: World,
    readonly clock: TestClock,
    readonly superuser: Superuser,
    private readonly passwordHash: string,
  ) {}

  static async start(): Promise<LoginWorld> {
    const clock = new TestClock(new Date().toISOString());
    // Every address is one of its own, so that no test counts another one's guesses.
    const world = await World.start({ clock, settings: { TRUSTED_PROXIES: '127.0.0.1' } });
    const passwordHash = await world.api.app.get(PasswordHasher).hash(PASSWORD);
    return new LoginWorld(world, clock, new Superuser(world.api), passwordHash);
  }

  /** An account with the password that all have here. */
  async person(): Promise<KnownPerson> {
    const enrolment = {
      email: `Ada-${newId()}@acme.example`,
      displayName: 'Ada',
      passwordHash: this.passwordHash,
    };
    const { app, database } = this.world.api;
    return database.acrossTenants('spec', (tx) => app.get(PeopleRegistry).enrol(tx, enrolment));
  }

  async join({ id: tenantId }: TenantView, { id, email }: KnownPerson): Promise<string> {
    const memberId = newId();
    await this.superuser.query(
      `insert into members (tenant_id, id, issuer_owner_id, kind, email, roles, person_id)
       values ($1, $2, $1, 'person', $3, '{viewer}', $4)`,
      [tenantId, memberId, email, id],
    );
    return memberId;
  }

  /** A member of a new tenant. */
  async member(): Promise<KnownPerson & { readonly tenant: TenantView }> {
    const [person, tenant] = [await this.person(), await this.world.createTenant()];
    await this.join(tenant, person);
    return { ...person, tenant };
  }

  network(): string {
    this.#network += 1;
    return `198.51.${Math.floor(this.#network / 250)}.${(this.#network % 250) + 1}`;
  }

  /** From a network that nobody else sits in, unless said otherwise. */
  async post(
    path: string,
    body: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.send('POST', path, { 'x-forwarded-for': this.network(), ...headers }, body);
  }

  async send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: object,
  ): Promise<Answer> {
    return send(this.world.api.url, { method, path, headers, ...(body ? { body } : {}) });
  }

  async login(
    { email }: Pick<KnownPerson, 'email'>,
    given: SignIn = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.post('/v1/login', { email, password: PASSWORD, ...given }, headers);
  }

  async tokens(
    person: Pick<KnownPerson, 'email'>,
    given: SignIn = {},
  ): Promise<{ readonly access: string; readonly refresh: string }> {
    const answer = await this.login(person, given);
    return { access: textOf(answer, 'accessToken'), refresh: textOf(answer, 'refreshToken') };
  }

  async refresh(token: string): Promise<Answer> {
    return send(this.world.api.url, {
      method: 'POST',
      path: '/oauth/token',
      headers: { 'x-forwarded-for': this.network() },
      raw: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }),
    });
  }

  /** With a token of the caller's own. */
  async as(token: string, path: string, body?: object): Promise<Answer> {
    const caller = this.world.bearer(token);
    return body ? caller.post(path, body) : caller.get(path);
  }

  codeOf({ secret }: Pick<HeldFactor, 'secret'>): string {
    return new TOTP({ secret }).generate({ timestamp: this.clock.now().getTime() });
  }

  /** Sets a second factor up, and moves on to the next code. */
  async secondFactor(person: Pick<KnownPerson, 'email'>): Promise<HeldFactor> {
    const { access } = await this.tokens(person, { tenant: null });
    const path = '/v1/account/second-factor';
    const secret = textOf(await this.as(access, path, { password: PASSWORD }), 'secret');
    const code = this.codeOf({ secret });
    const confirmed = answeredWith(200, await this.as(access, `${path}/confirm`, { code }));
    this.clock.advance(CODE_LASTS_MS);
    return { secret, ...(confirmed as Pick<HeldFactor, 'recoveryCodes'>) };
  }

  async close(): Promise<void> {
    await this.superuser.close();
    await this.world.close();
  }
}
