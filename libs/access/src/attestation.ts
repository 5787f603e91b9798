/** What is attested, and of whom; who attests it, and with which key, is added. */
export interface AttestedClaims {
  readonly sub: string;
  readonly jti: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly [claim: string]: unknown;
}

/**
 * Signs statements of this installation, for whoever wants to check them years from now. The
 * sign-in feature provides it, with the keys of the built-in issuer.
 */
export abstract class Attestation {
  /**
   * A JWS (RFC 7515, compact) of its own `type`, with the public key in its header: good for reading
   * and for nothing else, as it says neither for whom it is nor when it ends.
   */
  abstract sign(type: `${string}+jwt`, claims: AttestedClaims): Promise<string>;
}
