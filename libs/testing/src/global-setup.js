import './typescript.js';

/** Run by Jest once, before every spec of every project. */
export default async function setUp() {
  const { startTestServer } = await import('./test-server.ts');
  await startTestServer();
}
