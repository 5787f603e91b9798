/** A public key (RFC 7517, RFC 8037). */
export class JwkDto {
  /**
   * Type of key.
   * @example OKP
   */
  readonly kty!: string;

  /**
   * Its curve.
   * @example Ed25519
   */
  readonly crv!: string;

  /**
   * The key itself.
   * @example 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo
   */
  readonly x!: string;

  /**
   * Its id, as it stands in the header of a token.
   * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
   */
  readonly kid!: string;

  /**
   * The algorithm that it is for.
   * @example EdDSA
   */
  readonly alg!: string;

  /**
   * What it is for.
   * @example sig
   */
  readonly use!: string;

  constructor(jwk: Readonly<Record<string, unknown>>) {
    const { kty, crv, x, kid, alg, use } = jwk;
    Object.assign(this, { kty, crv, x, kid, alg, use });
  }
}

/** The public keys of this service. */
export class KeySetDto {
  /** The one that signs, the next one, and those whose tokens have not expired yet. */
  readonly keys: JwkDto[];

  constructor(keys: readonly Readonly<Record<string, unknown>>[]) {
    this.keys = keys.map((key) => new JwkDto(key));
  }
}

const CLIENT_METHODS = ['client_secret_basic', 'client_secret_post'];

/** What the server can do. */
interface Abilities {
  readonly grants: readonly string[];
  readonly algorithms: readonly string[];
}

/** Metadata of this authorization server (RFC 8414). */
export class AuthorizationServerDto {
  /**
   * The `iss` of its tokens.
   * @example https://tenantry.example
   */
  readonly issuer: string;

  /**
   * Where tokens are got.
   * @example https://tenantry.example/oauth/token
   */
  readonly token_endpoint: string;

  /**
   * Where a token is looked into (RFC 7662).
   * @example https://tenantry.example/oauth/introspect
   */
  readonly introspection_endpoint: string;

  /**
   * Where a token is taken back (RFC 7009).
   * @example https://tenantry.example/oauth/revoke
   */
  readonly revocation_endpoint: string;

  /**
   * Where its keys are.
   * @example https://tenantry.example/.well-known/jwks.json
   */
  readonly jwks_uri: string;

  /**
   * The grants that it knows.
   * @example ["client_credentials", "refresh_token"]
   */
  readonly grant_types_supported: string[];

  /**
   * None: people sign in by the API itself, or at a provider of their tenant.
   * @example []
   */
  readonly response_types_supported: string[];

  /**
   * How a client authenticates; a refresh token or a subject token speaks for itself.
   * @example ["client_secret_basic", "client_secret_post", "none"]
   */
  readonly token_endpoint_auth_methods_supported: string[];

  /**
   * How whoever looks into a token authenticates: as a client, or by an access token.
   * @example ["client_secret_basic", "client_secret_post", "Bearer"]
   */
  readonly introspection_endpoint_auth_methods_supported: string[];

  /**
   * How whoever takes a token back authenticates: by the token itself.
   * @example ["none"]
   */
  readonly revocation_endpoint_auth_methods_supported: string[];

  /**
   * The algorithms that its tokens are signed with.
   * @example ["EdDSA"]
   */
  readonly token_endpoint_auth_signing_alg_values_supported: string[];

  /**
   * Documentation for developers.
   * @example https://tenantry.example/docs
   */
  readonly service_documentation: string;

  constructor(publicUrl: string, { grants, algorithms }: Abilities) {
    this.issuer = publicUrl;
    this.token_endpoint = `${publicUrl}/oauth/token`;
    this.introspection_endpoint = `${publicUrl}/oauth/introspect`;
    this.revocation_endpoint = `${publicUrl}/oauth/revoke`;
    this.jwks_uri = `${publicUrl}/.well-known/jwks.json`;
    this.grant_types_supported = [...grants];
    this.response_types_supported = [];
    this.token_endpoint_auth_methods_supported = [...CLIENT_METHODS, 'none'];
    this.introspection_endpoint_auth_methods_supported = [...CLIENT_METHODS, 'Bearer'];
    this.revocation_endpoint_auth_methods_supported = ['none'];
    this.token_endpoint_auth_signing_alg_values_supported = [...algorithms];
    this.service_documentation = `${publicUrl}/docs`;
  }
}
