import type { ClaimNames } from '@tenantry/access';
import {
  DEFAULT_ALGORITHMS,
  DEFAULT_CLAIM_NAMES,
  type Guest,
  type KeySource,
  type PublishedKeys,
  type Registration,
} from '../issuer.js';
import type { GuestDto } from './guest.dto.js';
import type {
  ClaimNamesDto,
  KeySourceDto,
  MatchDto,
  RegisterIssuerDto,
} from './register-issuer.dto.js';

const SKEW_SECONDS_DEFAULT = 30;

/** Besides what every issuer has: the tenant claim of the platform's, the guest of a tenant's. */
interface Own {
  readonly tenantClaim?: string;
  readonly guest?: GuestDto | null;
}

type Body = Partial<RegisterIssuerDto> & Own;

const DEFAULTS: Omit<Registration, 'issuer' | 'audiences'> = {
  issuerAliases: [],
  keySource: { kind: 'discovery' },
  algorithms: DEFAULT_ALGORITHMS,
  match: null,
  claims: DEFAULT_CLAIM_NAMES,
  admission: 'members',
  roles: [],
  roleMapping: [],
  condition: null,
  tenantClaim: null,
  clockSkewSeconds: SKEW_SECONDS_DEFAULT,
  maxTokenAgeSeconds: null,
  notAfter: null,
  guest: null,
};

/** The registration that a body asks for. */
export function registrationOf(dto: RegisterIssuerDto & Own): Registration {
  const { issuer, audiences, guest } = dto;
  // Nobody adds a guest as a member beforehand: whoever matches is let in.
  const admission = guest ? 'anyone' : DEFAULTS.admission;
  return changedRegistration({ ...DEFAULTS, admission, issuer, audiences }, dto);
}

/** A registration as it is after a change: what the body does not name stays as it is now. */
export function changedRegistration(now: Registration, dto: Body): Registration {
  return {
    issuer: dto.issuer ?? now.issuer,
    issuerAliases: dto.issuerAliases ?? now.issuerAliases,
    audiences: dto.audiences ?? now.audiences,
    keySource: unless(dto.keys === undefined, keySourceOf(dto.keys), now.keySource),
    algorithms: dto.algorithms ?? now.algorithms,
    match: unless(dto.match === undefined, matchOf(dto.match), now.match),
    claims: claimNamesOf(now.claims, dto.claims),
    admission: dto.admission ?? now.admission,
    roles: dto.roles ?? now.roles,
    roleMapping: dto.roleMapping?.map(({ group, role }) => ({ group, role })) ?? now.roleMapping,
    tenantClaim: dto.tenantClaim ?? now.tenantClaim,
    clockSkewSeconds: dto.clockSkewSeconds ?? now.clockSkewSeconds,
    ...nullableOf(now, dto),
  };
}

/** Fields that null takes away. */
function nullableOf(
  now: Registration,
  { condition, maxTokenAgeSeconds, notAfter, guest }: Body,
): Pick<Registration, 'condition' | 'maxTokenAgeSeconds' | 'notAfter' | 'guest'> {
  return {
    condition: unless(condition === undefined, condition ?? null, now.condition),
    maxTokenAgeSeconds: unless(
      maxTokenAgeSeconds === undefined,
      maxTokenAgeSeconds ?? null,
      now.maxTokenAgeSeconds,
    ),
    notAfter: unless(notAfter === undefined, notAfter ?? null, now.notAfter),
    guest: unless(guest === undefined, guestOf(guest), now.guest),
  };
}

function unless<Value>(isAbsent: boolean, given: Value, now: Value): Value {
  return isAbsent ? now : given;
}

function matchOf(dto: MatchDto | null | undefined): Registration['match'] {
  return dto ? { claim: dto.claim, value: dto.value } : null;
}

function guestOf(dto: GuestDto | null | undefined): Guest | null {
  return dto ? { sponsor: dto.sponsor, resource: dto.resource, subject: dto.subject } : null;
}

function claimNamesOf(now: ClaimNames, dto: ClaimNamesDto | null | undefined): ClaimNames {
  // Nothing but defaults is left of names that were taken away.
  if (dto === null) return DEFAULT_CLAIM_NAMES;
  return {
    subject: dto?.subject ?? now.subject,
    email: dto?.email ?? now.email,
    name: dto?.name ?? now.name,
    groups: dto?.groups ?? now.groups,
  };
}

function keySourceOf(dto: KeySourceDto | null | undefined): KeySource {
  // A set of another shape is refused when it is parsed, before anything is saved.
  if (dto?.jwks) return { kind: 'inline', jwks: dto.jwks as unknown as PublishedKeys };
  return dto?.jwksUri === undefined
    ? { kind: 'discovery' }
    : { kind: 'jwksUri', jwksUri: dto.jwksUri };
}
