import { Injectable } from '@nestjs/common';

import { isSecretText, KeyedDigest, MasterKey, newSecretText } from '@tenantry/crypto';
import { Clock } from '@tenantry/kernel';

const PREFIX = 'tni_';
const HOUR_MS = 3_600_000;

/** What is kept of a token. */
export interface KeptToken {
  readonly digest: Uint8Array<ArrayBuffer>;
  readonly expiresAt: Date;
}

/** A new token; its text goes into one mail, and nowhere else. */
export interface NewToken extends KeptToken {
  readonly text: string;
}

/** Makes the tokens of invitations, and says by what they are found again. */
@Injectable()
export class InvitationTokens {
  readonly #digests: KeyedDigest;

  constructor(
    masterKey: MasterKey,
    private readonly clock: Clock,
  ) {
    this.#digests = new KeyedDigest(masterKey, 'invitations');
  }

  mint(expiresInHours: number): NewToken {
    const text = newSecretText(PREFIX);
    return {
      text,
      digest: new Uint8Array(this.#digests.of(text)),
      expiresAt: new Date(this.clock.now().getTime() + expiresInHours * HOUR_MS),
    };
  }

  /** Null for what cannot be a token: its checksum says so. */
  digestOf(text: string): Buffer | null {
    return isSecretText(PREFIX, text) ? this.#digests.of(text) : null;
  }

  /** Whether an invitation is past its time. */
  isOver({ expiresAt }: Pick<KeptToken, 'expiresAt'>): boolean {
    return expiresAt.getTime() <= this.clock.now().getTime();
  }
}
