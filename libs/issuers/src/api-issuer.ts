import { ApiParam } from '@nestjs/swagger';

/** Refusals that every route upon one issuer knows. */
export const NOT_FOUND = { 404: ['issuers.not_found'] };

/** Refusals of whatever changes what a tenant trusts. */
export const REGISTRATION_REFUSALS = {
  403: ['members.escalation'],
  422: [
    'issuers.issuer_invalid',
    'issuers.url_forbidden',
    'issuers.issuer_reserved',
    'issuers.match_required',
    'issuers.claim_name_invalid',
    'issuers.condition_invalid',
    'issuers.admission_too_powerful',
    'issuers.keys_invalid',
    'roles.unknown',
  ],
};

/** The same in a tenant, where an issuer may be a guest's. */
export const TENANT_REGISTRATION_REFUSALS = {
  ...REGISTRATION_REFUSALS,
  403: [...REGISTRATION_REFUSALS[403], 'access.tenant_claimed', 'issuers.second_person_required'],
  422: [...REGISTRATION_REFUSALS[422], 'issuers.guest_invalid', 'issuers.sponsor_unknown'],
};

/** Refusals of whatever switches trust off, for the platform, in a tenant that has an admin. */
export const REMOVAL_REFUSALS = { 403: ['access.tenant_claimed'] };

export const ApiIssuer = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'issuer',
    description: 'Id of the issuer.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });

export const ApiPlatformIssuer = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'platformIssuer',
    description: 'Id of the issuer of the platform.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });

export const ApiKid = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'kid',
    description: '`kid` of the key, or its thumbprint (RFC 7638).',
    example: '2026-11-a',
  });
