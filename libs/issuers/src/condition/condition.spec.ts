import { describe, expect, it } from '@jest/globals';
import { Condition, ConditionInvalid } from './condition.js';

function admits(source: string, claims: Record<string, unknown>): boolean {
  return Condition.compile(source).admits(claims);
}

function refusal(source: string): string {
  try {
    Condition.compile(source);
  } catch (error) {
    if (error instanceof ConditionInvalid) return error.message;
    throw error;
  }
  return 'compiled';
}

function errorOf(source: string, claims: Record<string, unknown>): string | null {
  return Condition.compile(source).explain(claims).error;
}

describe('Condition', () => {
  it('keeps its source', () => {
    expect(Condition.compile('claims.hd == "acme.test"').source).toBe('claims.hd == "acme.test"');
  });

  it.each([
    ['claims.hd == "acme.test"', true],
    ['claims.hd != "acme.test"', false],
    ['"admin" in claims.groups', true],
    ['"owner" in claims.groups', false],
    ['has(claims.hd) && claims.email_verified', true],
    ['has(claims.gone) || "gone" in claims', false],
    ['claims["https://acme.test/role"] == "dev"', true],
    ['claims.address.country in ["CH", "LI"]', true],
    ['claims.groups[0] == "admin" && claims.groups.size() == 2', true],
    ['claims.nothing == null', true],
    ['claims.groups.exists(g, g.startsWith("adm"))', true],
    ['claims.groups.all(g, g.endsWith("n"))', false],
    ['claims.groups.exists_one(g, g.contains("m"))', true],
    ['claims.groups.filter(g, g != "dev").map(g, g + "!") == ["admin!"]', true],
    ['claims.groups.map(g, g == "dev", size(g)) == [3]', true],
    ['claims.address.exists(key, key == "country")', true],
    ['"read" in claims.scope.split(" ")', true],
    ['claims.hd.lowerAscii() == "acme.test"', true],
    ['claims.exp - claims.iat <= 3600', true],
    ['claims.hd == "acme.test" ? claims.level > 2 : false', true],
    ['int(string(claims.level)) == 3 && double(claims.level) == 3.0', true],
    ['-claims.level < 0 && claims.level % 2 == 1 && claims.level * 2 / 3 == 2', true],
  ])('decides %s', (source, expected) => {
    const claims = {
      hd: 'acme.test',
      email_verified: true,
      groups: ['admin', 'dev'],
      'https://acme.test/role': 'dev',
      address: { country: 'CH' },
      nothing: null,
      scope: 'openid read',
      level: 3,
      iat: 1_700_000_000,
      exp: 1_700_003_600,
    };

    expect(admits(source, claims)).toBe(expected);
  });
});

describe('numbers in a condition', () => {
  it.each(['claims.level >= 3', 'claims.level == 3', 'claims.level == 3.0', 'claims.level in [3]'])(
    'holds %s for a level of 3, however JSON wrote it',
    (source) => {
      expect(admits(source, { level: 3.0 })).toBe(true);
    },
  );

  it('compares fractions and numbers beyond the safe integers as doubles', () => {
    expect(admits('claims.n > 2 && claims.n < 3', { n: 2.5 })).toBe(true);
    expect(admits('claims.n > 9007199254740991', { n: 1e300 })).toBe(true);
  });

  it('does not mix int and double in arithmetic', () => {
    expect(errorOf('claims.n * 0.5 < 9.0', { n: 3 })).toBe('no such overload: int * double');
  });

  it('overflows instead of growing', () => {
    expect(errorOf('claims.n * claims.n * claims.n * claims.n > 0', { n: 2 ** 40 })).toBe(
      'integer overflow',
    );
    expect(errorOf('claims.n / 0 == 1', { n: 1 })).toBe('division by zero');
  });
});

describe('a claim of an unexpected type', () => {
  it.each([['3'], [['3']], [null], [true], [{ level: 3 }], [[3]]])(
    'does not admit %j as a level of at least 3',
    (level) => {
      expect(admits('claims.level >= 3', { level })).toBe(false);
      expect(admits('claims.level == 3', { level })).toBe(false);
    },
  );

  it.each([['true'], [1], [['x']], [{}], [null]])('does not take %j for a truth', (flag) => {
    expect(admits('claims.flag', { flag })).toBe(false);
    expect(admits('claims.flag && true', { flag })).toBe(false);
    expect(admits('claims.flag || false', { flag })).toBe(false);
    expect(admits('!claims.flag', { flag })).toBe(false);
    expect(admits('claims.flag ? true : true', { flag })).toBe(false);
  });

  it('does not find a part of a text where a group of a list is asked for', () => {
    expect(errorOf('"admin" in claims.groups', { groups: 'not-admin' })).toBe(
      'no such overload: string in string',
    );
  });

  it('says which type it got', () => {
    expect(errorOf('claims.hd.startsWith("a")', { hd: ['a'] })).toBe('expected string, got list');
    expect(errorOf('claims.hd', { hd: 'true' })).toBe('the condition gives string, not bool');
    expect(errorOf('claims.groups.all(g, true)', { groups: 'a' })).toBe('cannot loop over string');
    expect(errorOf('has(claims.a.b)', { a: 'x' })).toBe('string has no fields');
  });

  it('fails on what JSON cannot hold', () => {
    expect(errorOf('true', { odd: () => true })).toBe(
      'a claim is of type function, which JSON does not have',
    );
  });
});

describe('a missing claim', () => {
  it.each(['claims.hd == "x"', 'claims.hd != "x"', '!(claims.hd == "x")', 'claims.hd == null'])(
    'is an error of %s and does not admit',
    (source) => {
      expect(errorOf(source, {})).toBe('no such key: hd');
      expect(admits(source, {})).toBe(false);
    },
  );

  it('is absorbed where the other side decides', () => {
    expect(admits('claims.hd == "x" || true', {})).toBe(true);
    expect(admits('true || claims.hd == "x"', {})).toBe(true);
    expect(admits('!(claims.hd == "x" && false)', {})).toBe(true);
    expect(admits('claims.hd == "x" || false', {})).toBe(false);
    expect(admits('claims.list.all(e, e.gone)', { list: [{}] })).toBe(false);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'is what the inherited name %s is',
    (name) => {
      expect(admits(`has(claims.${name})`, {})).toBe(false);
      expect(admits(`"${name}" in claims`, {})).toBe(false);
      expect(errorOf(`claims.${name} != null`, {})).toBe(`no such key: ${name}`);
      expect(errorOf(`claims.a["${name}"] != null`, { a: {} })).toBe(`no such key: ${name}`);
    },
  );

  it('is told from a claim that bears such a name', () => {
    const claims: Record<string, unknown> = Object.fromEntries(
      Object.entries({ constructor: 'x', hd: 'acme.test' }),
    );

    expect(admits('claims.constructor == "x" && claims.hd == "acme.test"', claims)).toBe(true);
  });
});

describe('a condition that cannot be compiled', () => {
  it.each([
    ['claims.hd ==', 'Unexpected token: EOF (line 1, column 13).'],
    ['', 'Unexpected token: EOF (line 1, column 1).'],
    [
      'true &&\n  claim.hd',
      'Unknown name claim: a condition knows only claims (line 2, column 3).',
    ],
    [
      'type(claims.hd) == string',
      'The function type is not available in a condition (line 1, column 1).',
    ],
    ['foo(claims)', 'The function foo is not available in a condition (line 1, column 1).'],
    [
      'claims.hd.reverse()',
      'The function reverse is not available in a condition (line 1, column 1).',
    ],
    [
      'timestamp(claims.at) > timestamp(0)',
      'The function timestamp is not available in a condition (line 1, column 1).',
    ],
    ['now() > 1', 'The function now is not available in a condition (line 1, column 1).'],
    [
      'cel.bind(x, claims, x.a)',
      'The function bind is not available in a condition (line 1, column 1).',
    ],
    ['size(claims, 1) > 1', 'size() has the wrong number of arguments (line 1, column 1).'],

    ['"acme.test"', 'The condition gives string, not bool.'],
    ['claims', 'The condition gives map, not bool.'],
    ['1 + "a" == 2', 'no such overload: int + string (line 1, column 1).'],
    [
      'claims.a == b"x"',
      'Bytes and unsigned integers are not available in a condition (line 1, column 13).',
    ],
    ['claims.a == {"b": 1}', 'A condition cannot build maps (line 1, column 13).'],
    [
      'claims.a < 9223372036854775808',
      'The number does not fit an int of 64 bits (line 1, column 12).',
    ],
    [
      'claims.a.all(claims, true)',
      'The loop variable claims hides another name (line 1, column 14).',
    ],
    ['has(claims)', 'has() asks for one field, like has(claims.hd) (line 1, column 1).'],
    ['claims.a == "\0"', 'The condition holds a NUL or half of a surrogate pair.'],
    ['claims.a == "\ud800"', 'The condition holds a NUL or half of a surrogate pair.'],
  ])('%j: %s', (source, message) => {
    expect(refusal(source)).toBe(message);
  });
});
