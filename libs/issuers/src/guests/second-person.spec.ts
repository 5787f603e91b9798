import { describe, expect, it } from '@jest/globals';

import type { Actor } from '@tenantry/access';
import type { Issuer } from '../issuer.js';
import { SecondPersonRequired } from '../issuers.errors.js';
import { assertSecondPerson, whoIs } from './second-person.js';

type Who = Pick<Actor, 'id' | 'kind' | 'personId' | 'isPlatform'>;

const CHIEF: Who = { id: 'member-1', kind: 'person', personId: 'person-1', isPlatform: false };
const STRANGER: Who = { id: 'member-2', kind: 'external', personId: null, isPlatform: false };
const ROBOT: Who = { id: 'member-3', kind: 'service', personId: null, isPlatform: false };
const CLIENT: Who = { id: 'account-1', kind: 'service', personId: null, isPlatform: true };
const PLATFORM: Who = { id: 'person-2', kind: 'person', personId: 'person-2', isPlatform: true };
/** The same person as the chief, with the platform's hat on. */
const CHIEF_OF_PLATFORM: Who = { ...CHIEF, id: 'person-1', isPlatform: true };

const judge = (registrar: Who | null, approver: Who): (() => void) => {
  const registeredBy = registrar && whoIs(registrar as Actor);
  return () => {
    assertSecondPerson(approver as Actor, { registeredBy } as Issuer);
  };
};

describe('the second person', () => {
  it.each<[string, Who, Who]>([
    ['another member', CHIEF, STRANGER],
    ['the platform', STRANGER, PLATFORM],
    ['a member, of what the platform registered', PLATFORM, CHIEF],
  ])('is %s', (_, registrar, approver) => {
    expect(judge(registrar, approver)).not.toThrow();
  });

  it.each<[string, Who | null, Who]>([
    ['whoever registered it', CHIEF, CHIEF],
    ['the same person with another hat on', CHIEF, CHIEF_OF_PLATFORM],
    ['that person the other way round', CHIEF_OF_PLATFORM, CHIEF],
    ['a service account of the tenant', CHIEF, ROBOT],
    ['a service account of the platform', CHIEF, CLIENT],
    ['the platform of what it registered itself', PLATFORM, PLATFORM],
    ['anybody, where nobody is known to have registered it', null, CHIEF],
  ])('is not %s', (_, registrar, approver) => {
    expect(judge(registrar, approver)).toThrow(SecondPersonRequired);
  });
});
