import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { CursorCodec, labelFilterOf, type Page, pageOf } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import type { Secret, SecretState, SecretVersion } from './secret.js';
import { SecretNotFound } from './secrets.errors.js';
import { SecretsRepository } from './secrets.repository.js';

const LIST = 'secrets';

/** Which secrets are asked for, and which page of them. */
export interface SecretQuery {
  readonly prefix?: string;
  /** `key:value`, or a key alone. */
  readonly label?: string;
  readonly state?: SecretState;
  readonly limit: number;
  readonly cursor?: string;
}

/** Shows which secrets there are, never what they hold. */
@Injectable()
export class SecretReading {
  constructor(
    private readonly secrets: SecretsRepository,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  /** By name. */
  async list({ scope }: Caller, query: SecretQuery): Promise<Page<Secret>> {
    const { prefix = null, state = null, label, limit, cursor } = query;
    const within = JSON.stringify([scope.tenantId, prefix, state, label]);
    const after = cursor ? String(this.cursors.decode(LIST, within, cursor)[0]) : null;
    const filter = { after, prefix, state, ...labelFilterOf(label), limit: limit + 1 };
    const rows = await this.secrets.list(scope, filter, this.clock.now());
    return pageOf(
      rows,
      limit,
      (row) => row,
      ({ name }) => this.cursors.encode(LIST, within, [name]),
    );
  }

  /** With its versions, the newest first. Throws `SecretNotFound`. */
  async get(
    { scope }: Caller,
    name: string,
  ): Promise<{ readonly secret: Secret; readonly versions: readonly SecretVersion[] }> {
    const secret = await this.secrets.get(scope, name);
    if (!secret) throw new SecretNotFound();
    return { secret, versions: await this.secrets.versions(scope, secret.id) };
  }
}
