import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { LoopbackServer } from '../idp/loopback-server.js';
import { type EncryptionContext, type KmsKeyOptions, KmsKeys } from './kms-keys.js';
import { answerOf, contextOf } from './kms-operations.js';
import { KmsRefusal, REFUSALS } from './kms-refusal.js';
import { type KmsOperation, type KmsRequest, readKmsRequest } from './kms-request.js';

/**
 * How the whole service is: `down` resets every connection, `slow` answers nobody before it is
 * well again, `garbled` breaks off in the middle of every answer.
 */
export type KmsBehaviour = 'well' | 'down' | 'slow' | 'internal-error' | 'garbled';

/** One attempt at a call, retries included; never what was to be encrypted. */
export interface KmsCall {
  readonly operation: KmsOperation;
  readonly keyId: string | null;
  readonly context: EncryptionContext;
}

/**
 * A server on loopback that speaks the protocol of AWS KMS (JSON 1.1) for four of its operations,
 * and is ill when told to. It looks at the shape of signatures only: any credentials will do.
 */
export class FakeKms {
  /** Settings by which the SDK finds credentials and a region, and looks for none elsewhere. */
  static readonly ENVIRONMENT = {
    AWS_ACCESS_KEY_ID: 'AKIAFAKEFAKEFAKEFAKE',
    AWS_SECRET_ACCESS_KEY: 'a-secret-access-key-for-tests-alone',
    AWS_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  } as const;

  readonly #server: LoopbackServer;
  readonly #keys = new KmsKeys();
  readonly #calls: KmsCall[] = [];
  #behaviour: KmsBehaviour = 'well';
  #untilWell: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;
  #throttled = 0;
  #denies = false;

  private constructor(server: LoopbackServer) {
    this.#server = server;
    server.answerWith((request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(): Promise<FakeKms> {
    return new FakeKms(await LoopbackServer.start());
  }

  get endpoint(): string {
    return this.#server.origin;
  }

  get calls(): readonly KmsCall[] {
    return this.#calls;
  }

  /** The new key's ARN. */
  createKey(options: KmsKeyOptions = {}): string {
    return this.#keys.create(options);
  }

  disable(arn: string): void {
    this.#keys.setState(arn, 'Disabled');
  }

  /** Also takes back that it was to be deleted. */
  enable(arn: string): void {
    this.#keys.setState(arn, 'Enabled');
  }

  scheduleDeletion(arn: string): void {
    this.#keys.setState(arn, 'PendingDeletion');
  }

  /** Takes every permission away, until `allow`. */
  deny(): void {
    this.#denies = true;
  }

  allow(): void {
    this.#denies = false;
  }

  /** The next so many attempts are too many. */
  throttleNext(attempts: number): void {
    this.#throttled = attempts;
  }

  /** Keeps the port and the keys whatever it is; who was kept waiting gets an answer after `slow`. */
  behave(behaviour: KmsBehaviour): void {
    this.#behaviour = behaviour;
    this.#release();
    if (behaviour !== 'slow') return;
    this.#untilWell = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    this.#release();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const asked = await readKmsRequest(request);
      this.#record(asked);
      await this.#untilWell;
      if (this.#behaviour === 'down') request.socket.resetAndDestroy();
      else this.#answer(response, 200, this.#outcomeOf(asked));
    } catch (error) {
      const { type, status, message } = error instanceof KmsRefusal ? error : REFUSALS.internal();
      this.#answer(response, status, { __type: type, ...(message !== '' && { message }) });
    }
  }

  #record(asked: KmsRequest): void {
    const { operation, input } = asked;
    const keyId = input[operation === 'ReEncrypt' ? 'SourceKeyId' : 'KeyId'];
    this.#calls.push({
      operation,
      keyId: typeof keyId === 'string' ? keyId : null,
      context: contextOf(asked),
    });
  }

  #outcomeOf(asked: KmsRequest): object {
    if (this.#behaviour === 'internal-error') throw REFUSALS.internal();
    if (this.#throttled > 0) {
      this.#throttled -= 1;
      throw REFUSALS.throttled();
    }
    if (this.#denies) throw REFUSALS.accessDenied();
    return answerOf(this.#keys, asked);
  }

  #answer(response: ServerResponse, status: number, body: object): void {
    const text = JSON.stringify(body);
    response.writeHead(status, {
      'Content-Type': 'application/x-amz-json-1.1',
      'x-amzn-RequestId': randomUUID(),
    });
    response.end(this.#behaviour === 'garbled' ? text.slice(0, -1) : text);
  }
}
