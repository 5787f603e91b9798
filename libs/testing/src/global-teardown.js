import './typescript.js';

/** Run by Jest once, after the last spec. */
export default async function tearDown() {
  const { stopTestServer } = await import('./test-server.ts');
  await stopTestServer();
}
