import 'reflect-metadata';

import { TestEnvironment } from 'jest-environment-node';

import '../typescript.js';
import { lendGlobals } from './jest-globals.js';
import { toSourceLines } from './source-lines.js';

process.setSourceMapsEnabled(true);

let runs = 0;

/**
 * Runs specs in Node's own module system: Jest's would load the application, Nest and Prisma anew for
 * every spec file, and cannot load CommonJS that requires ESM. Here a worker loads them once; only the
 * spec file itself is evaluated for every run.
 */
export default class extends TestEnvironment {
  #globals;
  #watches;

  constructor(config, context) {
    super(config, context);
    this.#globals = config.projectConfig.globals;
    this.#watches = config.globalConfig.watch || config.globalConfig.watchAll;
  }

  async setup() {
    await super.setup();
    lendBuiltIns(this.global);
    this.global.runNatively = async (url, jestGlobals) => {
      runs += 1;
      lendGlobals(jestGlobals);
      Object.assign(globalThis, this.#globals);
      await import(`${url}?run=${runs}&graph=${this.#graph()}`);
    };
  }

  async teardown() {
    for (const name of Object.keys(this.#globals)) delete globalThis[name];
    await super.teardown();
  }

  handleTestEvent({ error, test }) {
    for (const each of [error, ...(test?.errors.flat() ?? [])]) toSourceLines(each);
  }

  /** Specs of one graph share its modules: those that the same globals were there for. */
  #graph() {
    return this.#watches ? runs : Object.keys(this.#globals).join('-');
  }
}

/** `expect.any(String)` and `toThrow()` must know the strings and the errors of Node's own realm. */
function lendBuiltIns(global) {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const isClass = /^[A-Z]/.test(name) && typeof globalThis[name] === 'function';
    if (isClass) global[name] = globalThis[name];
  }
}
