import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { AppConfig } from '@tenantry/config';
import { Recurrence } from '@tenantry/kernel';
import { FileTarget, type LineTarget, StdoutTarget } from './line-target.js';
import { OperatorStream } from './operator-stream.js';

const LOOK_EVERY_MS = 500;
const LOOK_AGAIN_MS = 10_000;

/** Has every trail written to the operator's own stream, where there is one. */
@Injectable()
export class StreamSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(StreamSchedule.name);
  readonly #target: LineTarget | null;
  readonly #recurrence = new Recurrence(() => this.#look());
  #hasBegun = false;

  constructor(
    private readonly stream: OperatorStream,
    { audit }: AppConfig,
  ) {
    this.#target = audit.stream && targetOf(audit.stream.file);
  }

  onApplicationBootstrap(): void {
    if (this.#target) this.#recurrence.start(LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#recurrence.stop();
    await this.#target?.close();
  }

  /** Answers whether there may be more. */
  async lookOnce(): Promise<boolean> {
    if (!this.#target) return false;
    if (!this.#hasBegun) await this.stream.begin();
    this.#hasBegun = true;
    return this.stream.writeSome(this.#target);
  }

  async #look(): Promise<number> {
    try {
      return (await this.lookOnce()) ? 0 : LOOK_EVERY_MS;
    } catch (error) {
      this.#logger.error({ err: error }, 'The audit stream could not be written.');
      return LOOK_AGAIN_MS;
    }
  }
}

function targetOf(file: string | null): LineTarget {
  return file === null ? new StdoutTarget() : new FileTarget(file);
}
