import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import { isDoneWithin } from '@tenantry/kernel';
import { type Mail, Mailer } from '@tenantry/mail';

/** More than that wait for a mail server that does not answer: what comes then is dropped. */
const UNDER_WAY_MAX = 200;
const END_MS = 5_000;

/** Does what nobody is to wait for, so that an answer's delay tells nothing of it; a bounded amount. */
@Injectable()
export class Background implements OnModuleDestroy {
  readonly #logger = new Logger(Background.name);
  readonly #underWay = new Set<Promise<void>>();

  constructor(private readonly mailer: Mailer) {}

  /** Once the answer is on its way. What fails is logged, under this name. */
  run(what: string, work: () => Promise<void>): void {
    if (this.#underWay.size >= UNDER_WAY_MAX) {
      this.#logger.warn(`Too much waits to be done; dropped: ${what}.`);
      return;
    }
    const done = this.#afterTheAnswer(work)
      .catch((error: unknown) => {
        this.#logger.warn({ err: error }, `Not done: ${what}.`);
      })
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }

  /** Tells somebody what was done with their account; where no mail goes out, the trail alone does. */
  notify(mail: Mail): void {
    if (this.mailer.isReady) this.run('a notice by mail', () => this.mailer.send(mail));
  }

  /** Finishes what is under way, but does not wait long for it. */
  async onModuleDestroy(): Promise<void> {
    await isDoneWithin(END_MS, Promise.all(this.#underWay));
  }

  async #afterTheAnswer(work: () => Promise<void>): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    await work();
  }
}
