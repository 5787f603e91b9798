import { ApiProperty } from '@nestjs/swagger';

import type { RewrapProgress, Vault, VaultKey } from './vault-reading.js';

/** A data key: values are sealed under it, and it is never shown. */
export class VaultKeyDto {
  /**
   * Its id, as versions of secrets and records of the audit trail name it.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  @ApiProperty({
    enum: ['active', 'retiring', 'retired', 'shredded'],
    description:
      '`active`: seals what is new. `retiring`: its values are being sealed anew. `retired`: nothing needed it any more, and it was destroyed. `shredded`: it was destroyed with everything under it.',
    example: 'active',
  })
  readonly state: VaultKey['state'];

  /**
   * The key-encryption key that wraps it.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3e
   */
  readonly kekId: string;

  /**
   * When it was made.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When it was destroyed; null: it still is.
   * @example null
   */
  readonly endedAt: Date | null;

  constructor({ id, state, kekId, createdAt, endedAt }: VaultKey) {
    this.id = id;
    this.state = state;
    this.kekId = kekId;
    this.createdAt = createdAt;
    this.endedAt = endedAt;
  }
}

/** How far work is that goes on by itself, on whichever node. */
export class RewrapProgressDto {
  @ApiProperty({
    enum: ['idle', 'running'],
    description: 'Whether anything is left to do.',
    example: 'running',
  })
  readonly state: RewrapProgress['state'];

  /**
   * How many were done.
   * @example 4200
   */
  readonly done: number;

  /**
   * How many there were to do when it began.
   * @example 10000
   */
  readonly total: number;

  constructor({ state, done, total }: RewrapProgress) {
    this.state = state;
    this.done = done;
    this.total = total;
  }
}

/** A tenant's vault, but for its content. */
export class VaultDto {
  @ApiProperty({
    enum: ['open', 'sealed'],
    description: '`sealed`: the tenant has locked it, and nothing is revealed.',
    example: 'open',
  })
  readonly state: 'open' | 'sealed';

  /**
   * When it was sealed; null: it is open.
   * @example null
   */
  readonly sealedAt: Date | null;

  /**
   * Id of the actor who sealed it.
   * @example null
   */
  readonly sealedBy: string | null;

  /**
   * Why it was sealed, as far as that was said.
   * @example null
   */
  readonly sealReason: string | null;

  /** Its data keys, the newest first; the last fifty. */
  readonly keys: VaultKeyDto[];

  /** How far values are sealed anew under the active key. */
  readonly rewrap: RewrapProgressDto;

  constructor({ seal, keys, rewrap }: Vault) {
    this.state = seal ? 'sealed' : 'open';
    this.sealedAt = seal?.sealedAt ?? null;
    this.sealedBy = seal?.sealedBy ?? null;
    this.sealReason = seal?.reason ?? null;
    this.keys = keys.map((key) => new VaultKeyDto(key));
    this.rewrap = new RewrapProgressDto(rewrap);
  }
}
