// Importing oidc-provider on Node 20 warns, once in every test file, that it prefers Node 22.
const { warn } = console;
Object.assign(console, { warn: () => undefined });
export const { Provider } = await import('oidc-provider');
Object.assign(console, { warn });
