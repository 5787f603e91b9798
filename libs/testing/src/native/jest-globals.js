// What specs import as '@jest/globals' (see ../typescript.js): those of the spec file that runs now.
export let afterAll;
export let afterEach;
export let beforeAll;
export let beforeEach;
export let describe;
export let expect;
export let it;
export let jest;
export let test;

/** Called before a spec file is evaluated. A worker runs one file at a time. */
export function lendGlobals(globals) {
  ({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = globals);
}
