import { Condition, ConditionInvalid } from '../../condition/condition.js';
import type { Examination } from '../examination.js';
import { AUDIENCES_MAX, audiencesOf, fitOf } from '../registration-choice.js';
import { subjectFault, subjectOf } from '../token-faults.js';
import { failed, type Finding, NOBODY, passed, skipped, UNREADABLE } from './finding.js';

/** Whether the token was made for us. */
export function checkAudience({ read, held }: Examination): Finding {
  if (!read) return UNREADABLE;
  if (!held) return NOBODY;
  const { aud: found } = read.claims;
  const expected = held.issuer.audiences;
  const all: readonly unknown[] = [found].flat();
  if (all.some((audience) => typeof audience !== 'string')) {
    const remedy = 'Have the provider write aud as a text, or as a list of texts.';
    return failed({ found, expected, remedy });
  }
  if (audiencesOf(read.claims).length > AUDIENCES_MAX) {
    const remedy = `Have the provider name at most ${AUDIENCES_MAX} audiences in a token.`;
    return failed({ found, expected, remedy });
  }
  const remedy =
    'Add the aud that was found to audiences of the registration, or ask the provider for a token with one that is there.';
  return fitOf(held.issuer, read.claims).audiences
    ? passed({ found, expected })
    : failed({ found, expected, remedy });
}

/** Whether the token says whom it speaks of. */
export function checkSubject({ read, held }: Examination): Finding {
  if (!read) return UNREADABLE;
  if (!held) return NOBODY;
  const claim = held.issuer.claims.subject;
  const value = subjectOf(read.claims, held.issuer);
  const found = { claim, value };
  const expected = 'a text of 1 to 255 characters';
  const fault = subjectFault(value);
  if (fault === null) return passed({ found, expected });
  const remedy =
    'Name in claims.subject of the registration a claim that holds a stable name, or have the provider put one into it.';
  return failed({ found, expected, remedy, detail: fault });
}

/** Whether the token is of the organization that the registration is for. */
export function checkDiscriminator({ read, held }: Examination): Finding {
  if (!read) return UNREADABLE;
  if (!held) return NOBODY;
  const { match } = held.issuer;
  if (!match) return skipped('The registration has no match.');
  // By its very name: a discriminator is no JSON pointer.
  const [, value] = Object.entries(read.claims).find(([name]) => name === match.claim) ?? [];
  const found = { claim: match.claim, value };
  const remedy =
    'Set match of the registration to the value that was found, or send a token of the organization that it names.';
  return fitOf(held.issuer, read.claims).match
    ? passed({ found, expected: match })
    : failed({ found, expected: match, remedy });
}

/** Whether the claims fulfil the condition, with the value of each of its parts. */
export function checkCondition({ read, held }: Examination): Finding {
  if (!read) return UNREADABLE;
  if (!held) return NOBODY;
  const { condition: source } = held.issuer;
  if (source === null) return skipped('The registration has no condition.');
  const condition = compiled(source);
  if (!condition) {
    const remedy =
      'Write condition of the registration anew: this version of the service cannot read it.';
    return failed({ expected: source, remedy });
  }
  const { admits, error, steps } = condition.explain(read.claims);
  const evidence = { found: { admits, error, steps }, expected: source };
  const remedy =
    'Change condition of the registration, or the claims at the provider: steps show which part is not true.';
  return admits ? passed(evidence) : failed({ ...evidence, remedy });
}

function compiled(source: string): Condition | null {
  try {
    return Condition.compile(source);
  } catch (error) {
    if (error instanceof ConditionInvalid) return null;
    throw error;
  }
}
