import { Injectable, Logger } from '@nestjs/common';

import { MembershipMissing } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { Clock, DomainError, newId, PLATFORM_ID } from '@tenantry/kernel';
import { Budget } from './budget.js';
import type { Receipt } from './receipt.js';
import { ReceiptWriter } from './receipt-writer.js';
import { isRefusal } from './refused-at.js';
import { type DecidedRequest, stepsOf } from './steps.js';

const ACTOR_MAX = 600;
const TENANT_MAX = 6_000;
const UNKNOWN_MAX = 2_000;
/** The same of a day, in which minutes add up. */
const ACTOR_DAILY_MAX = 10_000;
const TENANT_DAILY_MAX = 100_000;
const UNKNOWN_DAILY_MAX = 50_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const TEXT_LENGTH_MAX = 300;
/** PostgreSQL stores neither NUL nor half a character. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** How a request was answered; `error` where it was refused. */
interface Answered {
  readonly status: number;
  readonly error: DomainError | null;
}

/** Whose a receipt is, and who is to blame for there being many. */
interface Owner {
  readonly tenantId: string;
  /** Null for nobody known. */
  readonly actor: string | null;
}

/**
 * Keeps receipts of what was decided about requests to guarded routes: of each refusal, and of what
 * was let by where that is configured.
 *
 * A flood fills no disk: in a minute a node keeps at most 600 of one actor and 6,000 of one tenant,
 * and of nobody known 2,000 in all, and in a day at most 10,000, 100,000 and 50,000; refusals and
 * the rest count apart. What is beyond is dropped
 * and counted.
 */
@Injectable()
export class Decisions {
  readonly #logger = new Logger(Decisions.name);
  readonly #minute: Budget;
  readonly #day: Budget;

  constructor(
    private readonly writer: ReceiptWriter,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {
    this.#minute = new Budget(clock, MINUTE_MS);
    this.#day = new Budget(clock, DAY_MS);
  }

  /** Whether there are receipts of what was let by too. */
  get areAllKept(): boolean {
    return this.config.decisions.receipts === 'all';
  }

  /** How many receipts this node has dropped since its start. */
  get dropped(): number {
    return this.writer.dropped;
  }

  /** Keeps a refusal; any other error is none. Never throws: the answer stands whatever this does. */
  noteRefusal(request: DecidedRequest, error: unknown, status: number): void {
    if (!request.access || !(error instanceof DomainError) || !isRefusal(error)) return;
    this.#keep(request, { status, error });
  }

  /** Keeps that somebody was let by, whatever the route answered then. Never throws. */
  noteAllowed(request: DecidedRequest, status: number): void {
    this.#keep(request, { status, error: null });
  }

  #keep(request: DecidedRequest, answered: Answered): void {
    try {
      const owner = ownerOf(request, answered.error);
      // Asked before anything is made: a flood is to cost next to nothing.
      if (!this.#affords(owner, answered)) this.writer.drop();
      else this.#write(owner.tenantId, request, answered);
    } catch (error) {
      this.#logger.error({ err: error }, 'No receipt of a decision could be made.');
    }
  }

  #affords({ tenantId, actor }: Owner, { error }: Answered): boolean {
    if (actor === null) return this.#take('unknown', UNKNOWN_MAX, UNKNOWN_DAILY_MAX);
    const whose = `${error ? 'refused' : 'allowed'} ${tenantId}`;
    return (
      this.#take(`${whose} ${actor}`, ACTOR_MAX, ACTOR_DAILY_MAX) &&
      this.#take(whose, TENANT_MAX, TENANT_DAILY_MAX)
    );
  }

  #take(name: string, ofMinute: number, ofDay: number): boolean {
    return this.#minute.take(name, ofMinute) && this.#day.take(name, ofDay);
  }

  #write(tenantId: string, request: DecidedRequest, { status, error }: Answered): void {
    const at = this.clock.now();
    const receipt: Receipt = {
      requestId: request.id,
      at: at.toISOString(),
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      outcome: error ? 'refused' : 'allowed',
      status,
      code: error?.code ?? null,
      steps: stepsOf(request, error, this.config.tenantHeader),
    };
    const text = JSON.stringify(receipt, plain);
    this.writer.add({ tenantId, id: newId(), requestId: request.id, at, receipt: text });
  }
}

/** The caller's own tenant, as on the trail; never the one that was reached for. */
function ownerOf({ caller }: DecidedRequest, error: DomainError | null): Owner {
  if (caller) return { tenantId: caller.tenant?.id ?? PLATFORM_ID, actor: caller.actor.id };
  const stranger = error instanceof MembershipMissing ? error.stranger : null;
  if (stranger) return { tenantId: stranger.tenant.id, actor: 'stranger' };
  return { tenantId: PLATFORM_ID, actor: null };
}

/** Issuers and tokens bring along whatever texts they like. */
function plain(_: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.slice(0, TEXT_LENGTH_MAX).replaceAll(UNSTORABLE, '\uFFFD');
}
