// jwks-rsa is CommonJS and requires jose, which is ESM alone. Node loads that (from 20.19 on), Jest's
// own loader does not: the package is loaded by Node's, past Jest's.
const { default: jwksRsa } = await globalThis.loadNatively('jwks-rsa');

export const { JwksClient } = jwksRsa;
