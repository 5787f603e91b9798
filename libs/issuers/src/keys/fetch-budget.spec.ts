import { describe, expect, it } from '@jest/globals';

import { TestClock } from '@tenantry/testing';
import { FetchBudget } from './fetch-budget.js';

const takeAll = (budget: FetchBudget, id: string, tries: number): number =>
  Array.from({ length: tries }, () => budget.take(id)).filter(Boolean).length;

describe('FetchBudget', () => {
  it('grants a few fetches at once, however many ask', () => {
    expect(takeAll(new FetchBudget(new TestClock()), 'a', 1_000)).toBe(3);
  });

  it('grants one more after a while, and no more than the burst after a long one', () => {
    const clock = new TestClock();
    const budget = new FetchBudget(clock);
    takeAll(budget, 'a', 10);

    clock.advance(20_000);
    expect(takeAll(budget, 'a', 10)).toBe(1);
    clock.advance(3_600_000);
    expect(takeAll(budget, 'a', 10)).toBe(3);
  });

  it('keeps the budgets of issuers apart', () => {
    const budget = new FetchBudget(new TestClock());
    takeAll(budget, 'a', 10);

    expect(budget.take('b')).toBe(true);
  });
});
