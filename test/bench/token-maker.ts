import { randomUUID } from 'node:crypto';

import { exportJWK, generateKeyPair, type GenerateKeyPairResult, type JWK, SignJWT } from 'jose';

const ALGORITHM = 'ES256';
const KEY_ID = 'bench';

/** An identity provider without a server: its key, and the tokens that it signs. */
export class TokenMaker {
  private constructor(
    private readonly keys: GenerateKeyPairResult,
    readonly publicJwk: JWK,
  ) {}

  static async create(): Promise<TokenMaker> {
    const keys = await generateKeyPair(ALGORITHM);
    const jwk = await exportJWK(keys.publicKey);
    return new TokenMaker(keys, { ...jwk, kid: KEY_ID, alg: ALGORITHM, use: 'sig' });
  }

  /** A token like no other, for an hour. */
  async token(issuer: string, audience: string, subject: string): Promise<string> {
    return new SignJWT({ email: `${subject}@example.com` })
      .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID, typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(subject)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(this.keys.privateKey);
  }
}
