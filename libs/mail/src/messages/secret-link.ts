/** Where somebody goes with a secret: a page of ours. */
type SecretPage = 'invitations/accept' | 'password/reset';

/** The link that a mail carries a secret in. */
export function secretLink(publicUrl: string, page: SecretPage, token: string): string {
  // Behind the #: a browser sends it nowhere, so that it reaches no log and no Referer.
  return `${publicUrl}/${page}#token=${token}`;
}
