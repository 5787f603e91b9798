import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';

import { AppConfig } from '@tenantry/config';
import { Clock, newId } from '@tenantry/kernel';
import { KeyRing } from '../keys/key-ring.js';
import { SIGNING_ALGORITHM } from '../keys/signing-key.js';

const LASTS_SECONDS = 600;

/** Whom an access token is for. */
export interface TokenSubject {
  /** The actor's id: a member's, or a platform account's. */
  readonly id: string;
  readonly clientId: string;
  readonly tenant: { readonly id: string; readonly slug: string } | null;
  readonly roles: readonly string[];
  readonly sessionId: string | null;
  /** Of somebody external: the registration that vouches for them. */
  readonly registrationId?: string;
  /** It ends no later than what it rests on. */
  readonly endsBy?: Date;
}

/** An access token, and for how long it is good. */
export interface IssuedToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
}

/** Signs access tokens (RFC 9068). */
@Injectable()
export class AccessTokens {
  readonly #issuer: string;

  constructor(
    private readonly keys: KeyRing,
    private readonly clock: Clock,
    { publicUrl }: AppConfig,
  ) {
    this.#issuer = publicUrl;
  }

  async sign(subject: TokenSubject): Promise<IssuedToken> {
    const { tenant, sessionId, registrationId, endsBy } = subject;
    const { kid, privateKey } = await this.keys.current();
    const now = Math.floor(this.clock.now().getTime() / 1_000);
    const left = endsBy ? Math.floor(endsBy.getTime() / 1_000) - now : LASTS_SECONDS;
    const expiresInSeconds = Math.max(0, Math.min(LASTS_SECONDS, left));
    const accessToken = await new SignJWT({
      client_id: subject.clientId,
      roles: [...subject.roles],
      ...(tenant ? { tid: tenant.id, tslug: tenant.slug } : {}),
      ...(sessionId === null ? {} : { sid: sessionId }),
      ...(registrationId === undefined ? {} : { registration: registrationId }),
    })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid, typ: 'at+jwt' })
      .setIssuer(this.#issuer)
      .setAudience(this.#issuer)
      .setSubject(subject.id)
      .setIssuedAt(now)
      .setExpirationTime(now + expiresInSeconds)
      .setJti(newId())
      .sign(privateKey);
    return { accessToken, expiresInSeconds };
  }
}
