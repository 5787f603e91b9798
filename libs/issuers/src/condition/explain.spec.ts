import { describe, expect, it } from '@jest/globals';
import { Condition } from './condition.js';

describe('the explanation of a condition', () => {
  it('gives each sub-expression in source order, operands first', () => {
    const condition = Condition.compile(
      '(claims.hd == "acme.test" || false) && claims.level >= 3 && has(claims.groups)',
    );

    expect(condition.explain({ hd: 'acme.test', level: 2, groups: [] })).toEqual({
      admits: false,
      error: null,
      steps: [
        { expression: 'claims.hd', value: 'acme.test', error: null },
        { expression: 'claims.hd == "acme.test"', value: true, error: null },
        { expression: 'claims.hd == "acme.test" || false', value: true, error: null },
        { expression: 'claims.level', value: 2, error: null },
        { expression: 'claims.level >= 3', value: false, error: null },
        {
          expression:
            '(claims.hd == "acme.test" || false) && claims.level >= 3 && has(claims.groups)',
          value: false,
          error: null,
        },
      ],
    });
  });

  it('shows where an error came from', () => {
    const condition = Condition.compile('claims.groups.exists(g, g == "a") || claims.hd == "x"');

    expect(condition.explain({ groups: ['b'] })).toEqual({
      admits: false,
      error: 'no such key: hd',
      steps: [
        { expression: 'claims.groups', value: ['b'], error: null },
        { expression: 'claims.groups.exists(g, g == "a")', value: false, error: null },
        { expression: 'claims.hd', value: null, error: 'no such key: hd' },
        { expression: 'claims.hd == "x"', value: null, error: 'no such key: hd' },
        {
          expression: 'claims.groups.exists(g, g == "a") || claims.hd == "x"',
          value: null,
          error: 'no such key: hd',
        },
      ],
    });
  });

  it('shows an absorbed error without making it the verdict', () => {
    const explained = Condition.compile('claims.hd == "x" || true').explain({});

    expect(explained.admits).toBe(true);
    expect(explained.error).toBeNull();
    expect(explained.steps[0]).toEqual({
      expression: 'claims.hd',
      value: null,
      error: 'no such key: hd',
    });
  });

  it('cuts long values, and stays JSON', () => {
    const condition = Condition.compile('claims.a == claims.b && claims.c + 1 > 0');
    const explained = condition.explain({
      a: { text: 'x'.repeat(10_000) },
      b: { text: 'x'.repeat(10_000), list: Array.from({ length: 5000 }, () => ({ a: 1 })) },
      c: 2 ** 53 - 1,
    });

    expect(explained.steps[0]).toEqual({
      expression: 'claims.a',
      value: { text: `${'x'.repeat(294)}…` },
      error: null,
    });
    expect(JSON.stringify(explained).length).toBeLessThan(3000);
  });

  it('shows numbers that JSON lacks as text', () => {
    const { steps } = Condition.compile('claims.n + 1 > 0 && claims.d / 0.0 > 0.0').explain({
      n: 2 ** 53 - 1,
      d: 0.5,
    });

    expect(steps[1]).toEqual({
      expression: 'claims.n + 1',
      value: '9007199254740992',
      error: null,
    });
    expect(steps[4]).toEqual({ expression: 'claims.d / 0.0', value: 'Infinity', error: null });
  });

  it('shows at most 50 steps, each of a bounded text', () => {
    const condition = Condition.compile(
      Array.from({ length: 120 }, (_, i) => `claims.sub == "user-${i}"`).join(' || '),
    );

    const { steps } = condition.explain({ sub: 'user-119' });

    expect(steps).toHaveLength(50);
    expect(steps.every(({ expression }) => expression.length <= 301)).toBe(true);
  });
});
