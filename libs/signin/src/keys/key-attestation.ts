import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';

import { Attestation, type AttestedClaims } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { KeyRing } from './key-ring.js';
import { SIGNING_ALGORITHM } from './signing-key.js';

/** Attests with the key that signs tokens now: whoever knows the issuer's keys can check it. */
@Injectable()
export class KeyAttestation extends Attestation {
  constructor(
    private readonly keys: KeyRing,
    private readonly config: AppConfig,
  ) {
    super();
  }

  async sign(type: `${string}+jwt`, claims: AttestedClaims): Promise<string> {
    const { kid, publicJwk, privateKey } = await this.keys.current();
    // Last: who attests is not for the claims to say.
    return new SignJWT({ ...claims, iss: this.config.publicUrl, kid })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: type, kid, jwk: { ...publicJwk } })
      .sign(privateKey);
  }
}
