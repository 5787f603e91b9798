/**
 * What one condition may cost, at save and at every token.
 *
 * A unit is about 50 to 200 ns: whatever the condition and the claims are, the budget ends an
 * evaluation after some ten to twenty milliseconds.
 */
export const LIMITS = {
  sourceBytes: 4096,
  nodes: 1000,
  /** Brackets, calls and selections inside each other. */
  nesting: 64,
  /** Height of the tree: a long chain of `||` is high without being nested. */
  depth: 250,
  listElements: 256,
  regexSize: 500,
  claimsDepth: 64,
  units: 100_000,
  /** An absorbed error was an `Error` with a stack: some 15 µs, far dearer than a step. */
  unitsPerAbsorbedError: 200,
  explainedSteps: 50,
  explainedText: 300,
} as const;
