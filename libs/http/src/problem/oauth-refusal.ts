/** Errors of the OAuth endpoints (RFC 6749 §5.2, RFC 7009 §2.2.1, RFC 8693 §2.2.2). */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_token_type'
  | 'invalid_scope'
  | 'invalid_target';

/** A refusal in the words of OAuth 2.0; `description` is public, `cause` is for the log. */
export class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal';
  readonly status: number;

  constructor(
    readonly error: OAuthError,
    readonly description: string,
    options?: ErrorOptions & { readonly status?: number },
  ) {
    super(`${error}: ${description}`, options);
    this.status = options?.status ?? (error === 'invalid_client' ? 401 : 400);
  }
}
