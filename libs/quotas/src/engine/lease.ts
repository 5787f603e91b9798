import type { Limit } from '../limit.js';
import { limitStateOf } from './limit-state.js';
import type { LimitState, RemainingQuota } from './quota-engine.js';
import { type Drawn, type Kept, LEASE_MS, type Want } from './quota-store.js';

/** A lease is used no longer than this before its end: clocks drift, and answers take their time. */
const MARGIN_MS = 50;
/** So much is drawn ahead as is spent in this time. */
const AHEAD_MS = 1_000;
/** A rate is not measured over less. */
const MEASURED_MS = 20;
/** What the store said is believed for this long when it does not do. */
const BELIEVED_MS = 250;
/** What is held this long is given back: where it is drawn from, it was filled up before. */
const IDLE_MS = 1_000;
/** A bucket is not asked again sooner, however fast it fills. */
const FLOWS_EVERY_MS = 10;
/** So long is waited for what others hold, and then not again until their leases have run out. */
const PATIENCE_MS = 500;
/** A lease that is this full is filled up before it is empty. */
const LOW_PART = 0.25;

/** What is waited for on one limit. */
export interface Waiting {
  /** What the first who waits lacks it for. */
  readonly head: number;
  /** What all of them want together. */
  readonly waiting: number;
  /** Whether the first one needs nothing else, and so spends it at once. */
  readonly outright: boolean;
}

/** When a question was sent, and when its answer was there. */
export interface Exchange {
  readonly sent: Moment;
  readonly received: Moment;
}

/** Both clocks of this node. */
export interface Moment {
  readonly monotonicMs: number;
  /** Of the wall: it goes on while the machine sleeps, when the other may stand still. */
  readonly wallMs: number;
}

/**
 * What this node holds of one limit, and what it knows of the rest.
 *
 * What is held may be spent without asking, until the lease ends by either clock. It never grows but
 * by what the store granted.
 */
export class Lease {
  /** What may be spent, while the lease is usable. */
  left = 0;
  isGone = false;
  #drawnAtMs = Number.NEGATIVE_INFINITY;

  #holder: string;
  /** How often it was revoked, and up to which time the store has heard of it. */
  #revocations = 0;
  #sentRevocations = 0;
  #heardRevocations = 0;
  /** Whether what is held is on its way back: no clock makes it this node's again. */
  #isReturning = false;
  /** What the store has spent for the first who waits. */
  #due = 0;
  /** Whether the store refused without asking others: to ask it again would be in vain. */
  #isDenied = false;
  #usableUntil: Moment = { monotonicMs: Number.NEGATIVE_INFINITY, wallMs: 0 };
  #window: number | null = null;
  #low = 0;
  /** What the store has on its books as held by this node. */
  #booked = 0;
  #spent = 0;
  #perMs = 0;
  #available = 0;
  #lent = 0;
  #endsAtMs = Number.POSITIVE_INFINITY;
  #believedUntilMs = Number.NEGATIVE_INFINITY;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    public limit: Limit,
    private readonly newHolder: () => string,
  ) {
    this.#holder = newHolder();
  }

  /** Whether so much can be spent without asking. */
  holds(amount: number, now: Moment): boolean {
    if (amount <= this.#due) return true;
    return this.left >= amount && !this.isRevoked && !this.#isReturning && this.#isUsable(now);
  }

  /** Nothing more is spent of it before the store has heard from this node. */
  revoke(): void {
    this.#revocations += 1;
  }

  get isRevoked(): boolean {
    return this.#revocations !== this.#heardRevocations;
  }

  spend(amount: number): void {
    this.left -= amount;
    this.#due = Math.max(0, this.#due - amount);
    this.#spent += amount;
  }

  /** Whether there was less than so much for anybody, a moment ago, and none that others would give. */
  isKnownToLack(amount: number, now: Moment): boolean {
    if (now.monotonicMs >= this.#believedUntilMs || this.isRevoked) return false;
    const missing =
      amount - (this.#isUsable(now) ? this.left : 0) - this.#availableAt(now.monotonicMs);
    return missing > 0 && !this.#mayBeGiven(missing, now);
  }

  /** Whether it should be filled up before it is empty. */
  isLow(now: Moment): boolean {
    return this.left < this.#low && !this.isKnownToLack(1, now);
  }

  /** Whether the store believes that this node holds something, or this node does. */
  get isOut(): boolean {
    return this.#booked > 0 || this.left > 0;
  }

  /**
   * What is asked of the store. Of a revoked lease all goes back, and nothing is drawn ahead; so it
   * does of one that ended by this node's clocks: the store knows whether it has by its own.
   */
  want({ head, waiting, outright }: Waiting, now: Moment): Want {
    const { left } = this;
    const back = this.isRevoked || !this.#isUsable(now);
    this.#isReturning = back;
    this.#sentRevocations = this.#revocations;
    const held = back ? 0 : left;
    const elapsedMs = Math.max(MEASURED_MS, now.monotonicMs - this.#drawnAtMs);
    this.#perMs = this.isRevoked ? 0 : Math.max(this.#spent / elapsedMs, this.#perMs / 4);
    const ahead = Math.floor(this.#perMs * AHEAD_MS);
    return {
      kind: this.limit.kind,
      name: this.limit.name,
      holder: this.#holder,
      window: this.#window,
      left,
      back,
      head: Math.max(0, head - held),
      outright: outright && held === 0,
      want: Math.max(0, waiting + ahead - held),
    };
  }

  /** What became of `want`. What is lent lasts as if it had been when the question was sent. */
  take(want: Want, drawn: Drawn, { sent, received }: Exchange): void {
    const sinceSent = want.left - (want.back ? 0 : drawn.kept);
    this.left = (want.back ? 0 : Math.max(0, this.left - sinceSent)) + drawn.granted;
    this.#isReturning = false;
    this.#heardRevocations = this.#sentRevocations;
    this.#due = want.outright && !drawn.refused ? want.head : 0;
    this.#isDenied = drawn.refused && !drawn.asked;
    if (drawn.granted > 0) this.#askedAtMs = Number.NEGATIVE_INFINITY;
    this.#booked = drawn.kept + drawn.granted - this.#due;
    this.#window = drawn.window;
    this.#spent = 0;
    this.#know(drawn.available, drawn.lent, drawn.endsInMs, sent);
    const usableMs = Math.min(LEASE_MS, drawn.endsInMs ?? LEASE_MS) - MARGIN_MS;
    this.#usableUntil = {
      monotonicMs: sent.monotonicMs + usableMs,
      wallMs: sent.wallMs + usableMs,
    };
    this.#low = drawn.granted > want.head ? Math.floor(this.left * LOW_PART) : 0;
    this.#believedUntilMs = Math.min(received.monotonicMs + BELIEVED_MS, this.#endsAtMs);
  }

  /** What a draw past all leases said: nothing is held, only known. */
  read(drawn: Kept, { sent, received }: Exchange): void {
    const { available, lent, endsInMs } = drawn;
    this.#know(available, lent, endsInMs, sent);
    this.#believedUntilMs = received.monotonicMs + BELIEVED_MS;
  }

  /** What a look without a draw found. */
  look({ available, lent }: RemainingQuota, endsInMs: number | null, now: Moment): void {
    this.#know(available, lent, endsInMs, now);
    this.#believedUntilMs = now.monotonicMs + BELIEVED_MS;
  }

  /** Others were asked for what they hold: for a while, what there was is not believed to be all. */
  awaits({ asked }: Drawn, now: Moment): void {
    if (!asked) return;
    if (now.monotonicMs - this.#askedAtMs > LEASE_MS) this.#askedAtMs = now.monotonicMs;
    if (this.#isPatient(now)) this.forget();
  }

  /** Nobody knows what became of a draw: what it may have granted is spent, and so is the lease. */
  abandon(): void {
    this.left = 0;
    this.#booked = 0;
    this.#isReturning = false;
    this.#heardRevocations = this.#revocations;
    this.#holder = this.newHolder();
    this.#believedUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** What was refunded, or drawn by hand, changed what is there. */
  forget(): void {
    this.#believedUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** The holder's name on the store's books. */
  get holder(): string {
    return this.#holder;
  }

  /** How long to wait before anything of it can be used: a window that is about to end is left alone. */
  restMs({ monotonicMs }: Moment): number {
    const leftMs = this.#endsAtMs - monotonicMs;
    return leftMs > MARGIN_MS ? 0 : Math.max(1, Math.ceil(leftMs));
  }

  /** What was granted outright is spent, or nobody wanted it after all. */
  forgetDue(): void {
    this.#due = 0;
  }

  /** Nobody draws from it, and it is time that others may. */
  isIdle({ monotonicMs }: Moment): boolean {
    return this.isOut && (this.left === 0 || monotonicMs - this.#drawnAtMs >= IDLE_MS);
  }

  stateAt({ monotonicMs }: Moment): LimitState {
    const { quota, perSecond } = this.limit;
    const remaining = Math.min(quota, this.left + this.#availableAt(monotonicMs));
    const resetMs =
      perSecond === null ? this.#endsAtMs - monotonicMs : ((quota - remaining) / perSecond) * 1_000;
    const resetSeconds = Number.isFinite(resetMs) ? Math.max(0, Math.ceil(resetMs / 1_000)) : 0;
    return limitStateOf(this.limit, { remaining, resetSeconds });
  }

  /** After how many seconds so much may be there. */
  retryAfterSeconds(amount: number, now: Moment): number {
    const { perSecond } = this.limit;
    // What others hold is spent, or back, when their leases have run out.
    if (this.#lent + this.#available >= amount) return 1;
    const missing = amount - this.left - this.#availableAt(now.monotonicMs);
    const ms =
      perSecond === null ? this.#endsAtMs - now.monotonicMs : (missing / perSecond) * 1_000;
    return Number.isFinite(ms) ? Math.max(1, Math.ceil(ms / 1_000)) : 1;
  }

  #know(available: number, lent: number, endsInMs: number | null, asOf: Moment): void {
    this.#available = available;
    this.#lent = lent;
    this.#drawnAtMs = asOf.monotonicMs;
    this.#endsAtMs = endsInMs === null ? Number.POSITIVE_INFINITY : asOf.monotonicMs + endsInMs;
  }

  #isUsable({ monotonicMs, wallMs }: Moment): boolean {
    return monotonicMs < this.#usableUntil.monotonicMs && wallMs < this.#usableUntil.wallMs;
  }

  /** Whether others hold so much, and are not known to keep it. */
  #mayBeGiven(missing: number, now: Moment): boolean {
    if (missing > this.#lent || this.#isDenied) return false;
    return now.monotonicMs - this.#askedAtMs > LEASE_MS || this.#isPatient(now);
  }

  #isPatient({ monotonicMs }: Moment): boolean {
    return monotonicMs - this.#askedAtMs <= PATIENCE_MS;
  }

  /** What was available, and what has flowed into a bucket since. */
  #availableAt(monotonicMs: number): number {
    const { perSecond, quota } = this.limit;
    if (perSecond === null) return this.#available;
    const elapsedMs = monotonicMs - this.#drawnAtMs;
    const flowed = elapsedMs < FLOWS_EVERY_MS ? 0 : (elapsedMs * perSecond) / 1_000;
    return Math.min(quota, this.#available + Math.floor(flowed));
  }
}
