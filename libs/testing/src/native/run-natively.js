import { pathToFileURL } from 'node:url';

/** Jest's transformer: all that Jest's own module system gets to see of a spec file. */
export default {
  process: (_source, path) => ({
    code: `import * as jestGlobals from '@jest/globals';
await globalThis.runNatively(${JSON.stringify(pathToFileURL(path).href)}, jestGlobals);
`,
  }),
};
