import type { VerifiedToken } from '@tenantry/access';

/** When the first of the grounds ends on which a token is believed, by its own word: without any skew. */
export function groundsEnd({ issuer, key, claims }: VerifiedToken): Date {
  const { maxTokenAgeSeconds, notAfter } = issuer.rules;
  const { exp, iat } = claims;
  const isAgeBound = maxTokenAgeSeconds !== null && iat !== undefined;
  const ages = isAgeBound ? [(iat + maxTokenAgeSeconds) * 1_000] : [];
  const bounds = [notAfter, key.trustedUntil].flatMap((end) => (end ? [end.getTime()] : []));
  return new Date(Math.min(exp * 1_000, ...ages, ...bounds));
}
