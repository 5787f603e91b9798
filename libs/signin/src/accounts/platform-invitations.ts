import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { KeyedDigest, MasterKey, newSecretText } from '@tenantry/crypto';
import type { PlatformTransaction } from '@tenantry/database';
import { Clock, newId, PLATFORM_ID } from '@tenantry/kernel';
import { Mailer, platformInvitationMail, secretLink } from '@tenantry/mail';

const HOUR_MS = 3_600_000;

/** An invitation that was written down, and is to be sent. */
export interface PendingInvitation {
  readonly to: string;
  readonly token: string;
  readonly expiresAt: Date;
}

/** Invitations to run the platform. They are accepted where those of tenants are. */
@Injectable()
export class PlatformInvitations {
  readonly #digests: KeyedDigest;

  constructor(
    private readonly mailer: Mailer,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    masterKey: MasterKey,
  ) {
    this.#digests = new KeyedDigest(masterKey, 'invitations');
  }

  get canSend(): boolean {
    return this.mailer.isReady;
  }

  /** Writes a new invitation down; one that there was is not good any more. */
  async renew(
    tx: PlatformTransaction,
    caller: Caller,
    invited: { readonly personId: string; readonly email: string; readonly hours: number },
  ): Promise<PendingInvitation> {
    const { personId, email, hours } = invited;
    const token = newSecretText('tni_');
    const expiresAt = new Date(this.clock.now().getTime() + hours * HOUR_MS);
    await this.withdraw(tx, personId);
    await tx.query(
      `insert into invitations (tenant_id, id, member_id, email, digest, invited_by, expires_at)
       values ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7)`,
      [PLATFORM_ID, newId(), personId, email, this.#digests.of(token), caller.actor.id, expiresAt],
    );
    return { to: email, token, expiresAt };
  }

  async withdraw(tx: PlatformTransaction, personId: string): Promise<void> {
    await tx.query('delete from invitations where tenant_id = $1::uuid and member_id = $2::uuid', [
      PLATFORM_ID,
      personId,
    ]);
  }

  async send(caller: Caller, { to, token, expiresAt }: PendingInvitation): Promise<void> {
    const { actor } = caller;
    await this.mailer.send(
      platformInvitationMail({
        to,
        inviterName: actor.name ?? actor.email ?? 'A platform admin',
        link: secretLink(this.config.publicUrl, 'invitations/accept', token),
        expiresAt,
      }),
    );
  }
}
