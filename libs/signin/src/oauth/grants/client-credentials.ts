import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';

import { AddressThrottle, type RequestOrigin } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { OAuthRefusal } from '@tenantry/http';
import { Clock, DomainError, newId } from '@tenantry/kernel';
import { PlatformAccounts, type PlatformClient } from '../accounts/platform-accounts.js';
import { KeyRing } from '../keys/key-ring.js';
import { SIGNING_ALGORITHM } from '../keys/signing-key.js';
import { TokenRecords } from './token-records.js';

const ACCESS_TOKEN_SECONDS = 600;

/** What a client shows of itself. */
export interface ClientCredential {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** An access token, and for how long it is good. */
export interface IssuedToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
}

/** No such client, or not its secret. */
class ClientUnknown extends DomainError {
  readonly code = 'oauth.invalid_client';
  readonly kind = 'unauthenticated';

  constructor() {
    super('Client id and secret do not belong together.');
  }
}

/** Issues access tokens (RFC 9068). */
@Injectable()
export class TokenIssuing {
  constructor(
    private readonly accounts: PlatformAccounts,
    private readonly keys: KeyRing,
    private readonly throttle: AddressThrottle,
    private readonly records: TokenRecords,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** The `client_credentials` grant (RFC 6749 §4.4). A guess costs the address that makes it. */
  async byClientCredentials(
    credential: ClientCredential,
    origin: RequestOrigin,
  ): Promise<IssuedToken> {
    const client = await this.#authenticate(credential, origin);
    const accessToken = await this.#sign(client);
    await this.records.issued(client, this.config.publicUrl, origin);
    return { accessToken, expiresInSeconds: ACCESS_TOKEN_SECONDS };
  }

  async #authenticate(
    { clientId, clientSecret }: ClientCredential,
    origin: RequestOrigin,
  ): Promise<PlatformClient> {
    try {
      return await this.throttle.attempt('secret', origin.ip, async () => {
        const client = await this.accounts.authenticate(clientId, clientSecret);
        if (!client) throw new ClientUnknown();
        return client;
      });
    } catch (error) {
      if (!(error instanceof ClientUnknown)) throw error;
      await this.records.refused(error);
      throw new OAuthRefusal('invalid_client', error.message, { status: 401 });
    }
  }

  async #sign({ id, clientId, roles }: PlatformClient): Promise<string> {
    const { kid, privateKey } = await this.keys.current();
    const now = Math.floor(this.clock.now().getTime() / 1_000);
    const { publicUrl } = this.config;
    return new SignJWT({ client_id: clientId, roles: [...roles] })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid, typ: 'at+jwt' })
      .setIssuer(publicUrl)
      .setAudience(publicUrl)
      .setSubject(id)
      .setIssuedAt(now)
      .setExpirationTime(now + ACCESS_TOKEN_SECONDS)
      .setJti(newId())
      .sign(privateKey);
  }
}
