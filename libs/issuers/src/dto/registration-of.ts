import type { ClaimNames } from '@tenantry/access';
import {
  DEFAULT_ALGORITHMS,
  DEFAULT_CLAIM_NAMES,
  type KeySource,
  type PublishedKeys,
  type Registration,
} from '../issuer.js';
import type {
  ClaimNamesDto,
  KeySourceDto,
  MatchDto,
  RegisterIssuerDto,
} from './register-issuer.dto.js';

const SKEW_SECONDS_DEFAULT = 30;

type Body = Partial<RegisterIssuerDto> & { readonly tenantClaim?: string };

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
};

/** The registration that a body asks for. */
export function registrationOf(dto: RegisterIssuerDto): Registration {
  const { issuer, audiences } = dto;
  return changedRegistration({ ...DEFAULTS, issuer, audiences }, dto);
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
  { condition, maxTokenAgeSeconds, notAfter }: Body,
): Pick<Registration, 'condition' | 'maxTokenAgeSeconds' | 'notAfter'> {
  return {
    condition: unless(condition === undefined, condition ?? null, now.condition),
    maxTokenAgeSeconds: unless(
      maxTokenAgeSeconds === undefined,
      maxTokenAgeSeconds ?? null,
      now.maxTokenAgeSeconds,
    ),
    notAfter: unless(notAfter === undefined, notAfter ?? null, now.notAfter),
  };
}

function unless<Value>(isAbsent: boolean, given: Value, now: Value): Value {
  return isAbsent ? now : given;
}

function matchOf(dto: MatchDto | null | undefined): Registration['match'] {
  return dto ? { claim: dto.claim, value: dto.value } : null;
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
