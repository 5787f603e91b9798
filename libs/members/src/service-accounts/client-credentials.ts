import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { KeyedDigest, MasterKey, newSecretText } from '@tenantry/crypto';

const CLIENT_ID_BYTES = 12;
const CLIENT_ID = /^svc-[0-9a-f]{24}$/;

/** A new secret, and what is kept of it. */
export interface NewSecret {
  readonly text: string;
  readonly digest: Uint8Array<ArrayBuffer>;
}

/** Makes and checks the credentials of service accounts. */
@Injectable()
export class ClientCredentials {
  readonly #digests: KeyedDigest;

  constructor(masterKey: MasterKey) {
    this.#digests = new KeyedDigest(masterKey, 'service-account-secrets');
  }

  newClientId(): string {
    return `svc-${randomBytes(CLIENT_ID_BYTES).toString('hex')}`;
  }

  newSecret(): NewSecret {
    const text = newSecretText('tnc_');
    return { text, digest: new Uint8Array(this.#digests.of(text)) };
  }

  matches(secret: string, digest: Uint8Array): boolean {
    return this.#digests.matches(secret, digest);
  }
}

/** Whether a client id can be one of a tenant's service account at all. */
export function isServiceClientId(text: string): boolean {
  return CLIENT_ID.test(text);
}
