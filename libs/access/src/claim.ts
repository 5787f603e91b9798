const ARRAY_INDEX = /^(?:0|[1-9]\d{0,3})$/;
const POINTER_DEPTH_MAX = 8;
/** RFC 6901 §3: every reference token begins with a slash; a tilde is followed by 0 or 1. */
const POINTER = /^(?:\/(?:[^~/]|~[01])*)+$/;

type Claims = Readonly<Record<string, unknown>>;

/** Whether a claim is named by the way to it (a JSON pointer, RFC 6901) instead of by its name. */
export function isPointer(name: string): boolean {
  return name.startsWith('/');
}

/** Whether `name` can name a claim: a plain name, or a well-formed pointer of at most 8 steps. */
export function isClaimName(name: string): boolean {
  if (!isPointer(name)) return name.length > 0;
  return POINTER.test(name) && name.split('/').length - 1 <= POINTER_DEPTH_MAX;
}

/** The value of a claim, by name or by pointer; undefined where the token has no such claim. */
export function claimAt(claims: Claims, name: string): unknown {
  if (!isPointer(name)) return Object.hasOwn(claims, name) ? claims[name] : undefined;
  return name
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(memberOf, claims);
}

/** Own members alone: a token has no `constructor` that it does not carry. */
function memberOf(value: unknown, token: string): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value) && !ARRAY_INDEX.test(token)) return undefined;
  return Object.hasOwn(value, token) ? (value as Claims)[token] : undefined;
}
