import type { TenantScope } from '@tenantry/kernel';
import type { Limit } from '../limit.js';
import type { LimitsByKind } from '../limit-book.js';
import { QuotasUnavailable } from '../quotas.errors.js';
import { type Claim, summed } from './claim.js';
import { allowed, refused, UNMETERED } from './decision.js';
import { Lease, type Moment, type Waiting } from './lease.js';
import type { Decision, Demand } from './quota-engine.js';
import type { Drawn, Gone, Want } from './quota-store.js';

/** Those who wait for what other nodes hold look again after this, and then after ever more. */
const PAUSE_MS = 5;
const PAUSE_MAX_MS = 80;

/** What a budget needs of the world. */
export interface BudgetWorld {
  readonly now: () => Moment;
  readonly draw: (scope: TenantScope, wants: readonly Want[]) => Promise<readonly (Drawn | Gone)[]>;
  readonly pause: (ms: number) => Promise<void>;
  readonly newHolder: () => string;
  /** Told of every draw: thresholds are told from here. */
  readonly onDrawn: (scope: TenantScope, drawn: Drawn) => void;
}

interface Waiter {
  readonly claims: readonly Claim[];
  readonly resolve: (decision: Decision) => void;
  readonly reject: (error: unknown) => void;
}

const NOTHING: readonly Claim[] = [];

/**
 * The leases of one tenant on this node, and those who wait for more.
 *
 * A demand that the leases cover is decided at once, all or nothing. The others wait in a line for
 * one draw at a time, which asks for all of them together: draws move budget into this node's hands,
 * and only what lies there is spent, so that a demand that one limit refuses has spent nothing of
 * another.
 */
export class TenantBudget {
  readonly #leases = new Map<string, Map<string, Lease>>();
  #limits: LimitsByKind | null = null;
  #waiting: Waiter[] = [];
  #pumping: Promise<void> | null = null;
  #isFillingUp = false;
  /** How many of those who waited have been answered. */
  #decided = 0;

  constructor(
    readonly scope: TenantScope,
    private readonly world: BudgetWorld,
  ) {}

  /** The limits that stand now. What is held of one that is another now is given back first. */
  adopt(limits: LimitsByKind): void {
    if (limits === this.#limits) return;
    this.#limits = limits;
    for (const lease of this.#all()) {
      const { kind, name } = lease.limit;
      const limit = limits.get(kind)?.find((one) => one.name === name);
      if (!limit) lease.isGone = true;
      if (!limit || !isSame(limit, lease.limit)) lease.revoke();
      if (limit) lease.limit = limit;
    }
  }

  /** Spends all or nothing: at once where this node holds enough, or knows that there is none. */
  consume(demands: readonly Demand[]): Decision | Promise<Decision> {
    const claims = this.#claimsOf(demands);
    if (claims.length === 0) return UNMETERED;
    const now = this.world.now();
    const decision = this.#decide(claims, now);
    if (!decision) return this.#wait(claims);
    if (!this.#pumping && claims.some(({ lease }) => lease.isLow(now))) this.#fillUp();
    return decision;
  }

  /** Whether so much is held: a check then needs no question. */
  covers(demands: readonly Demand[]): Decision | null {
    const claims = this.#claimsOf(demands);
    const now = this.world.now();
    return claims.every(({ lease, amount }) => lease.holds(amount, now))
      ? allowed(claims, [], now)
      : null;
  }

  /** What is held of one limit, and under which name. */
  heldOf(kind: string, name: string): { readonly holder: string; readonly left: number } | null {
    const lease = this.#leases.get(kind)?.get(name);
    return lease ? { holder: lease.holder, left: lease.left } : null;
  }

  /** What was refunded, or spent past the leases, makes old knowledge worthless. */
  forget(): void {
    for (const lease of this.#all()) lease.forget();
  }

  get isIdle(): boolean {
    return !this.#pumping && !this.#all().some((lease) => lease.isOut);
  }

  /** Gives back what nobody draws from any more. */
  async settle(): Promise<void> {
    const now = this.world.now();
    await this.#revoke(this.#all().filter((lease) => lease.isIdle(now)));
  }

  /** Gives back what is held of one limit: others need it. */
  async yield(kind: string, name: string): Promise<void> {
    const lease = this.#leases.get(kind)?.get(name);
    if (lease) await this.#revoke([lease]);
  }

  /** Gives back everything, or everything of these kinds: the books then say what is spent. */
  async release(kinds?: readonly string[]): Promise<void> {
    await this.#revoke(this.#all().filter(({ limit }) => kinds?.includes(limit.kind) ?? true));
  }

  async #revoke(leases: readonly Lease[]): Promise<void> {
    // What is not held may be on its way here.
    const concerned = this.#pumping ? leases : leases.filter((lease) => lease.isOut);
    if (concerned.length === 0) return;
    for (const lease of concerned) lease.revoke();
    do {
      if (!this.#pumping) this.#pump();
      await this.#pumping;
    } while (concerned.some((lease) => lease.isRevoked && lease.isOut));
  }

  #all(): Lease[] {
    return [...this.#leases.values()].flatMap((leases) => [...leases.values()]);
  }

  #claimsOf(demands: readonly Demand[]): Claim[] {
    const claims: Claim[] = [];
    for (const { kind, amount } of summed(demands)) {
      for (const limit of this.#limits?.get(kind) ?? []) {
        claims.push({ lease: this.#leaseOn(limit), amount });
      }
    }
    return claims;
  }

  #leaseOn(limit: Limit): Lease {
    const leases = this.#leases.get(limit.kind) ?? new Map<string, Lease>();
    this.#leases.set(limit.kind, leases);
    const lease = leases.get(limit.name) ?? new Lease(limit, this.world.newHolder);
    leases.set(limit.name, lease);
    lease.isGone = false;
    return lease;
  }

  /** Null where the store must be asked. */
  #decide(claims: readonly Claim[], now: Moment): Decision | null {
    const { isUnknown, short } = verdictOn(claims, now);
    if (short.some(({ lease }) => lease.limit.mode === 'enforce'))
      return refused(claims, short, now);
    if (isUnknown) return null;
    for (const claim of claims) {
      if (!short.includes(claim) && !claim.lease.isGone) claim.lease.spend(claim.amount);
    }
    return allowed(claims, short, now);
  }

  async #wait(claims: readonly Claim[]): Promise<Decision> {
    return new Promise<Decision>((resolve, reject) => {
      this.#waiting.push({ claims, resolve, reject });
      if (!this.#pumping) this.#pump();
    });
  }

  #fillUp(): void {
    this.#isFillingUp = true;
    this.#pump();
  }

  #pump(): void {
    // Those who come in the same turn are asked for together.
    this.#pumping = Promise.resolve()
      .then(() => this.#work())
      .catch((error: unknown) => {
        this.#fail(error);
      })
      .finally(() => {
        this.#pumping = null;
        if (this.#waiting.length > 0) this.#pump();
      });
  }

  /** Draws until nobody waits; never twice without a pause, unless it was of use to somebody. */
  async #work(): Promise<void> {
    let pauseMs = PAUSE_MS;
    for (;;) {
      this.#decideWaiting();
      const wants = this.#wants();
      this.#isFillingUp = false;
      if (wants.size === 0) return;
      const decided = this.#decided;
      const restMs = await this.#draw(wants);
      if (this.#waiting.length === 0) continue;
      if (this.#decided > decided) pauseMs = PAUSE_MS;
      else {
        await this.world.pause(Math.max(restMs, pauseMs));
        pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
      }
    }
  }

  #decideWaiting(): void {
    if (this.#waiting.length === 0) return;
    const now = this.world.now();
    this.#waiting = this.#waiting.filter(({ claims, resolve }) => {
      const decision = this.#decide(claims, now);
      if (!decision) return true;
      this.#decided += 1;
      resolve(decision);
      return false;
    });
  }

  /** What all who wait lack, by limit; the first of each limit's line is its head. */
  #wants(): Map<Lease, Waiting> {
    const now = this.world.now();
    const wants = new Map<Lease, Line>();
    for (const { claims } of this.#waiting) {
      for (const claim of claims) joinLine(wants, claim, { isAlone: claims.length === 1, now });
    }
    for (const lease of this.#all()) {
      const isDue = (lease.isRevoked && lease.isOut) || (this.#isFillingUp && lease.isLow(now));
      if (isDue && !wants.has(lease)) wants.set(lease, { head: 0, waiting: 0, outright: false });
    }
    return wants;
  }

  /** Answers how long to rest before another draw can be of use. */
  async #draw(waiting: ReadonlyMap<Lease, Waiting>): Promise<number> {
    const sent = this.world.now();
    const wants = new Map([...waiting].map(([lease, what]) => [lease, lease.want(what, sent)]));
    const results = await this.#send(wants);
    const received = this.world.now();
    let restMs = 0;
    for (const [lease, want] of wants) {
      const result = results.find(({ kind, name }) => kind === want.kind && name === want.name);
      if (!result || 'gone' in result) {
        lease.isGone = true;
        lease.abandon();
        continue;
      }
      lease.take(want, result, { sent, received });
      lease.awaits(result, received);
      restMs = Math.max(restMs, lease.restMs(received));
      this.world.onDrawn(this.scope, result);
    }
    // In the same turn: what was granted outright is spent before anybody else comes by.
    this.#decideWaiting();
    for (const lease of wants.keys()) lease.forgetDue();
    return restMs;
  }

  /** Where nobody knows what became of it, the leases are given up: a late grant goes to nobody. */
  async #send(wants: ReadonlyMap<Lease, Want>): Promise<readonly (Drawn | Gone)[]> {
    try {
      return await this.world.draw(this.scope, [...wants.values()]);
    } catch (error) {
      for (const lease of wants.keys()) lease.abandon();
      throw new QuotasUnavailable({ cause: error });
    }
  }

  #fail(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isFillingUp = false;
    for (const { reject } of waiting) reject(error);
  }
}

/** Those who wait for one limit, the first of whom makes the line. */
type Line = { -readonly [Name in keyof Waiting]: Waiting[Name] };

function joinLine(
  lines: Map<Lease, Line>,
  { lease, amount }: Claim,
  { isAlone, now }: { readonly isAlone: boolean; readonly now: Moment },
): void {
  const line = lines.get(lease);
  if (line) {
    line.waiting += amount;
    // Who needs other limits too may not come to spend it.
    line.outright &&= isAlone;
  } else if (isUnknown({ lease, amount }, now)) {
    lines.set(lease, { head: amount, waiting: amount, outright: isAlone });
  }
}

/** Without touching anything: which claims the store must be asked about, and which cannot be met. */
function verdictOn(
  claims: readonly Claim[],
  now: Moment,
): { readonly isUnknown: boolean; readonly short: readonly Claim[] } {
  let short: Claim[] | null = null;
  let isAnyUnknown = false;
  for (const claim of claims) {
    if (claim.lease.isGone || claim.lease.holds(claim.amount, now)) continue;
    if (claim.lease.isKnownToLack(claim.amount, now)) (short ??= []).push(claim);
    else isAnyUnknown = true;
  }
  return { isUnknown: isAnyUnknown, short: short ?? NOTHING };
}

function isSame(one: Limit, other: Limit): boolean {
  return one.quota === other.quota && one.perSecond === other.perSecond && one.mode === other.mode;
}

function isUnknown({ lease, amount }: Claim, now: Moment): boolean {
  return !lease.isGone && !lease.holds(amount, now) && !lease.isKnownToLack(amount, now);
}
