import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { subjectMatches } from './subject-pattern.js';

describe('a pattern of subjects', () => {
  it.each([
    ['ada', 'ada'],
    ['auditor-*', 'auditor-'],
    ['auditor-*', 'auditor-7'],
    ['*@firm.example', 'ada@firm.example'],
    ['a*b*c', 'abc'],
    ['a*b*c', 'a-b-b-c'],
    ['*ab*ab', 'abab'],
    ['a**c', 'abc'],
    ['a.c', 'a.c'],
  ])('%j invites %j', (pattern, subject) => {
    expect(subjectMatches(pattern, subject)).toBe(true);
  });

  it.each([
    ['ada', 'Ada'],
    ['ada', 'ada2'],
    ['ada', ''],
    ['auditor-*', 'chief-auditor-7'],
    ['*@firm.example', 'ada@firm.example.evil'],
    ['a*a', 'a'],
    ['*ab*ab', 'ab'],
    ['a*b*c', 'acb'],
    ['a.c', 'abc'],
    ['a?c', 'abc'],
    ['[ab]*', 'b1'],
  ])('%j does not invite %j', (pattern, subject) => {
    expect(subjectMatches(pattern, subject)).toBe(false);
  });

  it('says what the regular expression of the same meaning says', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '.', '\n'), { maxLength: 8 });
    const pattern = fc.array(fc.constantFrom('a', 'b', '.', '*'), { maxLength: 6 });

    fc.assert(
      fc.property(pattern, text, (parts, letters) => {
        const [glob, subject] = [parts.join(''), letters.join('')];
        const same = new RegExp(
          `^${glob.replaceAll('.', String.raw`\.`).replaceAll('*', '.*')}$`,
          's',
        );

        expect(subjectMatches(glob, subject)).toBe(same.test(subject));
      }),
    );
  });

  it('is done with a hostile pattern at once', () => {
    const pattern = '*a'.repeat(127);

    expect(subjectMatches(pattern, `${'a'.repeat(254)}b`)).toBe(false);
  });
});
