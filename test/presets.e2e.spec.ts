import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { EmulatedProvider, withKeysOf } from './emulated-provider.js';
import { AUTH0, ENTRA, GOOGLE, KEYCLOAK, OKTA } from './provider-claims.js';
import { World } from './world.js';

type Claims = Readonly<Record<string, unknown>>;
/** A token that the provider issues as well: what it is, and what it says otherwise. */
type Other = readonly [string, Claims];

const NOT_VALID = '401 access.token_invalid';
const NO_MEMBER = '403 access.membership_missing';
const EMAIL = 'ada@acme.example';
const GROUP = { group: 'engineering', role: 'builder' };

describe('a token of a person, by the preset', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  describe('for Keycloak', () => {
    let keycloak: EmulatedProvider;

    beforeAll(async () => {
      keycloak = await EmulatedProvider.start(world, {
        preset: 'keycloak',
        path: '/realms/acme',
        claims: KEYCLOAK,
        filling: ({ issuer }) => ({
          values: { baseUrl: originOf(issuer), realm: 'acme', audience: 'tenantry', ...GROUP },
        }),
      });
      await keycloak.add({ email: 'added@acme.example', subject: KEYCLOAK.sub });
    });

    const comesIn = (roles: readonly string[]): object => ({
      tenant: keycloak.tenantId,
      subject: KEYCLOAK.sub,
      email: EMAIL,
      roles,
    });

    it('comes in with the role of its realm role', async () => {
      expect(keycloak.trusting.issuer.issuer).toBe(keycloak.idp.issuer);
      expect(await keycloak.outcomeOf()).toEqual(comesIn(['viewer', 'builder']));
    });

    it.each<Other>([
      ['no realm role at all', { realm_access: undefined }],
      ['other realm roles', { realm_access: { roles: ['offline_access'] } }],
      ['realm roles that are no list', { realm_access: 'engineering' }],
      [
        'a client role of that name',
        {
          realm_access: { roles: [] },
          resource_access: { account: { roles: ['engineering'] } },
          roles: ['engineering'],
          groups: ['engineering'],
        },
      ],
    ])('comes in without that role: %s', async (_, change) => {
      expect(await keycloak.outcomeOf(change)).toEqual(comesIn(['viewer']));
    });

    it.each<Other>([
      ['of a client without an audience mapper', { aud: 'account' }],
      ['of another client', { aud: ['billing', 'account'] }],
      ['without an audience', { aud: [] }],
      ['that is the ID token of the client', { aud: 'web', typ: 'ID' }],
      ['of a client without the scope basic', { sub: undefined }],
    ])('is refused: one %s', async (_, change) => {
      expect(await keycloak.outcomeOf(change)).toBe(NOT_VALID);
    });

    it('is refused: one of another realm, one meant for Keycloak itself, one to sign out', async () => {
      const { issuer } = keycloak.idp;

      expect(await keycloak.outcomeOf({ iss: `${originOf(issuer)}/realms/other` })).toBe(NOT_VALID);
      expect(await keycloak.outcomeOf({ aud: issuer, typ: 'Refresh' })).toBe(NOT_VALID);
      expect(await keycloak.outcomeOf({}, 'logout+jwt')).toBe(NOT_VALID);
    });

    it('is no member’s: one of somebody whom nobody has added', async () => {
      expect(await keycloak.outcomeOf({ sub: 'f47ac10b-58cc-4372-a567-0e02b2c3d479' })).toBe(
        NO_MEMBER,
      );
    });
  });

  describe('for Google Workspace', () => {
    let google: EmulatedProvider;
    const values = { domain: 'acme.example', clientId: GOOGLE.aud };

    beforeAll(async () => {
      google = await EmulatedProvider.start(world, {
        preset: 'google-workspace',
        algorithm: 'RS256',
        claims: GOOGLE,
        filling: (idp) => ({ values, given: withKeysOf(idp) }),
      });
      await google.add({ email: EMAIL });
    });

    it('comes in as the member with its verified address', async () => {
      expect(await google.outcomeOf()).toEqual({
        tenant: google.tenantId,
        subject: GOOGLE.sub,
        email: EMAIL,
        roles: ['viewer'],
      });
    });

    it('opens the tenant of its organization, with the same client', async () => {
      const globex = await google.alsoTrusted({
        values: { ...values, domain: 'globex.example' },
        given: { ...withKeysOf(google.idp), admission: 'anyone', roles: ['operator'] },
      });

      expect(await google.outcomeOf({ hd: 'globex.example' })).toMatchObject({
        tenant: globex.tenant.id,
        roles: ['operator'],
      });
      expect(await google.outcomeOf()).toMatchObject({ tenant: google.tenantId });
    });

    it.each<Other>([
      ['of another organization', { hd: 'initech.example', email: 'ada@initech.example' }],
      ['of another organization, with an address of this one', { hd: 'initech.example' }],
      ['of the organization in another case', { hd: 'Acme.example' }],
      ['of a private account', { hd: undefined, email: 'ada@gmail.com' }],
      ['of a private account with an address of this organization', { hd: undefined }],
      ['of two organizations', { hd: ['acme.example', 'initech.example'] }],
      ['with an address that is not verified', { email_verified: false }],
      ['that says "true" instead of true', { email_verified: 'true' }],
      ['for gcloud', { aud: '32555940559.apps.googleusercontent.com', azp: '32555940559.apps.g…' }],
      ['of the old issuer without https', { iss: 'accounts.google.com' }],
    ])('is refused: one %s', async (_, change) => {
      expect(await google.outcomeOf(change)).toBe(NOT_VALID);
    });

    it('is no member’s: one of somebody in the organization whom nobody has added', async () => {
      const eve = { sub: '110248495921238986420', email: 'eve@acme.example' };

      expect(await google.outcomeOf(eve)).toBe(NO_MEMBER);
      // The address has found its owner: another account with it is somebody else.
      expect(await google.outcomeOf({ sub: eve.sub })).toBe(NO_MEMBER);
    });
  });

  describe('for Microsoft Entra', () => {
    const values = { tenantId: ENTRA.tid, clientId: ENTRA.aud };
    const overage = (endpoint: string): Claims => ({
      groups: undefined,
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint } },
    });
    let entra: EmulatedProvider;

    beforeAll(async () => {
      entra = await EmulatedProvider.start(world, {
        preset: 'microsoft-entra',
        algorithm: 'RS256',
        path: `/${ENTRA.tid}/v2.0`,
        claims: ENTRA,
        filling: ({ issuer }) => ({
          values: { ...values, group: 'Tenantry.Builder', role: 'builder' },
          given: { issuer },
        }),
      });
      await entra.add({ email: EMAIL, subject: ENTRA.oid });
      await entra.add({ email: 'grace@acme.example' });
    });

    const comesIn = (roles: readonly string[]): object => ({
      tenant: entra.tenantId,
      subject: ENTRA.oid,
      email: EMAIL,
      roles,
    });

    it('comes in by its object id, with the role of its app role', async () => {
      expect(await entra.outcomeOf()).toEqual(comesIn(['viewer', 'builder']));
    });

    it('comes in with app roles that no number of groups drives out', async () => {
      const claims = overage(`https://graph.microsoft.com/v1.0/users/${ENTRA.oid}`);

      expect(await entra.outcomeOf(claims)).toEqual(comesIn(['viewer', 'builder']));
      expect(await entra.outcomeOf({ ...claims, roles: undefined })).toEqual(comesIn(['viewer']));
    });

    it('comes in without the role of its group where it has too many, and asks nobody for them', async () => {
      const engineers = 'f2d1c3b4-5a69-4788-9f70-123456789abc';
      const { issuer, jwksUri } = entra.idp;
      const byGroups = await entra.alsoTrusted({
        values: { ...values, clientId: '11111111-2222-4333-8444-555555555555' },
        given: {
          issuer,
          claims: { subject: 'oid', email: 'email', name: 'name', groups: 'groups' },
          roleMapping: [{ group: engineers, role: 'operator' }],
        },
      });
      await entra.add({ email: EMAIL, subject: ENTRA.oid }, byGroups);
      const aud = '11111111-2222-4333-8444-555555555555';

      const fewGroups = await entra.outcomeOf({ aud, groups: [engineers] });
      entra.idp.resetHits();
      const tooMany = await entra.outcomeOf({ aud, ...overage(jwksUri) });
      const tooManyForAUrl = await entra.outcomeOf({ aud, hasgroups: true });

      expect(fewGroups).toMatchObject({ roles: ['viewer', 'operator'] });
      expect([tooMany, tooManyForAUrl]).toMatchObject([
        { tenant: byGroups.tenant.id, roles: ['viewer'] },
        { tenant: byGroups.tenant.id, roles: ['viewer'] },
      ]);
      expect(entra.idp.hits).toMatchObject({ jwks: 0, discovery: 0 });
    });

    it.each<Other>([
      ['for another application', { aud: '00000000-1111-4222-8333-444444444444' }],
      ['for Microsoft Graph', { aud: '00000003-0000-0000-c000-000000000000' }],
      [
        'of version 1',
        { iss: `https://sts.windows.net/${ENTRA.tid}/`, aud: `api://${ENTRA.aud}`, ver: '1.0' },
      ],
      ['that names the application by its URI', { aud: `api://${ENTRA.aud}` }],
      ['without an object id', { oid: undefined }],
    ])('is refused: one %s', async (_, change) => {
      expect(await entra.outcomeOf(change)).toBe(NOT_VALID);
    });

    it('is refused: one of another directory, signed by the same keys', async () => {
      const tid = '9188040d-6c67-4c5b-b112-36a304b66dad';
      const iss = entra.idp.issuer.replace(ENTRA.tid, tid);

      expect(await entra.outcomeOf({ iss, tid })).toBe(NOT_VALID);
    });

    it('is no member’s: one that names the address of a member, of which Entra vouches for none', async () => {
      const oid = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

      expect(await entra.outcomeOf({ oid, email: 'grace@acme.example' })).toBe(NO_MEMBER);
      expect(await entra.outcomeOf({ oid, email: 'grace@acme.example', xms_edov: true })).toBe(
        NO_MEMBER,
      );
    });
  });

  describe('for Okta', () => {
    let okta: EmulatedProvider;

    beforeAll(async () => {
      okta = await EmulatedProvider.start(world, {
        preset: 'okta',
        algorithm: 'RS256',
        path: '/oauth2/aus9o8wzkhckw9TLa0h7',
        claims: OKTA,
        filling: ({ issuer }) => ({
          values: {
            domain: 'acme.okta.com',
            serverId: 'aus9o8wzkhckw9TLa0h7',
            audience: OKTA.aud,
            ...GROUP,
          },
          given: { issuer },
        }),
      });
      await okta.add({ email: EMAIL, subject: OKTA.uid });
    });

    it('comes in by its user id, with the role of its group', async () => {
      const renamed = await okta.outcomeOf({ sub: 'countess@acme.example', groups: ['Everyone'] });

      expect(await okta.outcomeOf()).toEqual({
        tenant: okta.tenantId,
        subject: OKTA.uid,
        email: EMAIL,
        roles: ['viewer', 'builder'],
      });
      expect(renamed).toMatchObject({ subject: OKTA.uid, roles: ['viewer'] });
    });

    it('comes in without that role where the server has no claim for groups', async () => {
      expect(await okta.outcomeOf({ groups: undefined })).toMatchObject({ roles: ['viewer'] });
    });

    it.each<Other>([
      ['for another audience', { aud: 'api://default' }],
      ['that is the ID token of the client', { aud: OKTA.cid }],
      ['of a service application', { uid: undefined, sub: OKTA.cid }],
    ])('is refused: one %s', async (_, change) => {
      expect(await okta.outcomeOf(change)).toBe(NOT_VALID);
    });

    it('is refused: one of the authorization server of the organization, or of another one', async () => {
      const org = originOf(okta.idp.issuer);

      expect(await okta.outcomeOf({ iss: org })).toBe(NOT_VALID);
      expect(await okta.outcomeOf({ iss: `${org}/oauth2/default` })).toBe(NOT_VALID);
    });

    it('is no member’s: one of another user with the same name', async () => {
      expect(await okta.outcomeOf({ uid: '00u9zzz63g214q0Hq0g4' })).toBe(NO_MEMBER);
    });
  });

  describe('for Auth0', () => {
    let auth0: EmulatedProvider;

    beforeAll(async () => {
      auth0 = await EmulatedProvider.start(world, {
        preset: 'auth0',
        algorithm: 'RS256',
        path: '/',
        claims: AUTH0,
        filling: ({ issuer }) => ({
          values: {
            domain: 'acme.eu.auth0.com',
            audience: 'https://tenantry.acme.example',
            rolesClaim: 'https://acme.example/roles',
            ...GROUP,
          },
          given: { issuer },
        }),
      });
      await auth0.add({ email: EMAIL, subject: AUTH0.sub });
    });

    it('comes in with the role of its role, whichever profile of access tokens it has', async () => {
      const outcomes = [await auth0.outcomeOf({}, 'JWT'), await auth0.outcomeOf({}, 'at+jwt')];

      const admitted = {
        tenant: auth0.tenantId,
        subject: AUTH0.sub,
        email: EMAIL,
        roles: ['viewer', 'builder'],
      };
      expect(auth0.idp.issuer).toMatch(/\d\/$/);
      expect(outcomes).toEqual([admitted, admitted]);
    });

    it.each<Other>([
      ['no roles', {}],
      ['roles under another namespace', { 'https://other.example/roles': ['engineering'] }],
      ['roles without a namespace', { roles: ['engineering'], groups: ['engineering'] }],
      ['permissions in their place', { permissions: ['engineering'] }],
    ])('comes in without that role: %s', async (_, change) => {
      const outcome = await auth0.outcomeOf({ 'https://acme.example/roles': undefined, ...change });

      expect(outcome).toMatchObject({ tenant: auth0.tenantId, roles: ['viewer'] });
    });

    it.each<Other>([
      ['for the user info of Auth0 alone', { aud: 'https://acme.eu.auth0.com/userinfo' }],
      ['for another API', { aud: ['https://other.example', 'https://acme.eu.auth0.com/userinfo'] }],
      ['that is the ID token of the client', { aud: AUTH0.azp }],
    ])('is refused: one %s', async (_, change) => {
      expect(await auth0.outcomeOf(change)).toBe(NOT_VALID);
    });

    it('is refused: one whose issuer ends in no slash', async () => {
      expect(await auth0.outcomeOf({ iss: originOf(auth0.idp.issuer) })).toBe(NOT_VALID);
    });

    it('is no member’s: one of an application by itself', async () => {
      const machine = { sub: 'my_client_id@clients', gty: 'client-credentials' };

      expect(await auth0.outcomeOf(machine)).toBe(NO_MEMBER);
    });
  });
});

function originOf(issuer: string): string {
  return new URL(issuer).origin;
}
