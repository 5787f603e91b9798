import { describe, expect, it } from '@jest/globals';
import { Condition, ConditionInvalid } from './condition.js';

const SPENT = 'the condition costs too much for these claims';

/** About as much as a token of 16 KiB can hold. */
const FULL = {
  list: Array.from({ length: 7000 }, () => 0),
  text: 'a'.repeat(14_000),
};

function errorOf(source: string, claims: Record<string, unknown>): string | null {
  return Condition.compile(source).explain(claims).error;
}

function compiling(source: string): () => Condition {
  return () => Condition.compile(source);
}

function chain(times: number, operand: string, operator: string): string {
  return Array.from({ length: times }, () => operand).join(operator);
}

describe('a bomb of a condition', () => {
  it.each([
    ['nested loops', 'claims.list.all(x, claims.list.all(y, claims.list.all(z, x == y)))'],
    ['nested loops over literals', nestedLiterals(7)],
    ['a text that doubles', `[claims.text]${'.map(x, x + x)'.repeat(40)} == []`],
    ['a list that doubles', `[claims.list]${'.map(x, x + x)'.repeat(40)} == []`],
    ['long concatenations', `${chain(150, 'claims.text', '+')} == ""`],
    ['comparisons of all with all', chain(30, 'claims.list.all(x, x in claims.list)', ' && ')],
    ['deep comparisons', chain(60, 'claims == claims', ' && ')],
    ['one text sought in another', 'claims.text.contains(claims.text)'],
    ['splitting into letters', chain(30, 'claims.text.split("") == []', ' || ')],
    ['errors without end', 'claims.list.all(x, x.gone)'],
    ['patterns over long texts', 'claims.text.matches("[ab]{1,90}c|[ac]{1,90}b")'],
  ])('is stopped: %s', (_bomb, source) => {
    const condition = Condition.compile(source);

    expect(condition.explain(FULL).error).toBe(SPENT);
    expect(condition.admits(FULL)).toBe(false);
  });

  it('does not admit although the other side of || is true', () => {
    const bomb = 'claims.list.all(x, claims.list.all(y, x == y))';

    expect(Condition.compile(`${bomb} || true`).admits(FULL)).toBe(false);
    expect(Condition.compile(`!(${bomb} && false)`).admits(FULL)).toBe(false);
    expect(Condition.compile(`[1].exists(w, ${bomb}) || true`).admits(FULL)).toBe(false);
  });

  it('leaves room for an honest condition over a full token', () => {
    expect(errorOf('claims.list.exists(x, x in [1, 2, 3])', FULL)).toBeNull();
    expect(errorOf('"admin" in claims.list', FULL)).toBeNull();
  });

  it('stops at claims that are nested too deeply', () => {
    let claims: Record<string, unknown> = {};
    for (let level = 0; level < 5000; level += 1) claims = { a: claims };

    expect(errorOf('true', claims)).toBe('the claims are nested too deeply');
  });

  it.each([
    ['longer than 4 KiB', `claims.a == "${'é'.repeat(2100)}"`, 'longer than 4096 bytes'],
    ['brackets', `${'('.repeat(2000)}true${')'.repeat(2000)}`, 'Exceeded maxDepth (64)'],
    ['selections', `claims${'.a'.repeat(100)}`, 'Exceeded maxDepth (64)'],
    ['negations', `${'!'.repeat(4000)}true`, 'Exceeded maxAstNodes (1000)'],
    ['a few negations fewer', `${'!'.repeat(900)}true`, 'more than 250 levels deep'],
    ['a long chain', chain(600, 'true', '||'), 'Exceeded maxAstNodes (1000)'],
    ['a shorter chain', chain(300, 'true', '||'), 'more than 250 levels deep'],
    ['a long list', `1 in [${chain(300, '1', ',')}]`, 'Exceeded maxListElements (256)'],
  ])('is refused at save: %s', (_bomb, source, message) => {
    expect(compiling(source)).toThrow(ConditionInvalid);
    expect(compiling(source)).toThrow(message);
  });
});

describe('matches', () => {
  it.each([
    ['^repo:acme/.*:ref:refs/heads/main$', 'repo:acme/web:ref:refs/heads/main', true],
    ['^repo:acme/', 'repo:evil/acme', false],
    ['acme', 'the acme company', true],
    ['^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', '0198c0de-0000-7000-8000-000000000001', true],
    ['^a{2,}$', 'a', false],
    ['^(a|b){1,3}$', 'abab', false],
  ])('seeks %s in %s', (pattern, sub, expected) => {
    expect(Condition.compile(`claims.sub.matches(r"${pattern}")`).admits({ sub })).toBe(expected);
  });

  it('decides a pattern that makes backtracking explode', () => {
    const condition = Condition.compile('claims.sub.matches("^(a+)+$")');

    expect(condition.admits({ sub: `${'a'.repeat(5000)}!` })).toBe(false);
    expect(condition.admits({ sub: 'a'.repeat(5000) })).toBe(true);
  });

  it.each([
    ['claims.a.matches(claims.b)', 'must be a literal string (line 1, column 18)'],
    ['claims.a.matches("x" + claims.b)', 'must be a literal string (line 1, column 18)'],
    [
      'claims.a.matches("(")',
      'The pattern cannot be used: error parsing regexp: missing closing ): `(`',
    ],
    [String.raw`claims.a.matches(r"(a)\1")`, 'invalid escape sequence'],
    ['claims.a.matches("(?=a)")', 'invalid or unsupported Perl syntax'],
    [String.raw`claims.a.matches(r"\Qa\E")`, String.raw`\Q is not available`],
    ['claims.a.matches("x{1000}x{1000}")', 'it unrolls to more than 500 instructions'],
    ['claims.a.matches("((a{30}){30}){30}")', 'it unrolls to more than 500 instructions'],
    ['claims.a.matches("(|){900}")', 'it unrolls to more than 500 instructions'],
    ['claims.a.matches("[^]]{900}")', 'it unrolls to more than 500 instructions'],
    ['claims.a.matches("a", "b")', 'matches() has the wrong number of arguments'],
  ])('refuses %s', (source, message) => {
    expect(compiling(source)).toThrow(ConditionInvalid);
    expect(compiling(source)).toThrow(message);
  });
});

function nestedLiterals(levels: number): string {
  const names = Array.from({ length: levels }, (_, level) => `v${level}`);

  return names.reduce((body, name) => `[1,2,3,4,5,6,7,8,9].all(${name}, ${body})`, 'true');
}
