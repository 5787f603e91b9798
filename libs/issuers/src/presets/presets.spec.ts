import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { readConfig } from '@tenantry/config';
import { RequestValidationPipe } from '@tenantry/http';
import { SystemClock } from '@tenantry/kernel';
import { Outbound } from '@tenantry/outbound';
import { Condition } from '../condition/condition.js';
import { RegisterIssuerDto } from '../dto/register-issuer.dto.js';
import { registrationOf } from '../dto/registration-of.js';
import { parseKeySet } from '../keys/key-set.js';
import { RegistrationCheck } from '../registration-check.js';
import { isHostOfProvider } from '../shared-issuers.js';
import { fillPreset, PresetUnfillable } from './fill-preset.js';
import { type IssuerPreset, placeholdersIn } from './issuer-preset.js';
import { getPreset, ISSUER_PRESETS } from './presets.js';
import { IssuerPresetsController } from './presets.controller.js';
import { IssuerPresetNotFound } from './presets.errors.js';

const examplesOf = ({ fields }: IssuerPreset): Record<string, string> =>
  Object.fromEntries(fields.map(({ name, example }) => [name, example]));

const requiredOf = ({ fields }: IssuerPreset): Record<string, string> =>
  Object.fromEntries(
    fields.filter(({ required }) => required).map(({ name, example }) => [name, example]),
  );

const each = ISSUER_PRESETS.map((preset) => [preset.id, preset] as const);
const eachWithCondition = each.filter(
  ([, { registration }]) => placeholdersIn(registration['condition'] ?? '').length > 0,
);

class NoOutbound extends Outbound {
  getJson(): Promise<never> {
    return Promise.reject(new Error('Nothing is fetched here.'));
  }

  postForm(): Promise<never> {
    return Promise.reject(new Error('Nothing is sent here.'));
  }

  postJson(): Promise<never> {
    return Promise.reject(new Error('Nothing is sent here.'));
  }

  explainUrl(): null {
    return null;
  }
}

const PUSH = {
  repository_owner_id: '583231',
  ref: 'refs/heads/main',
  event_name: 'push',
};
const check = new RegistrationCheck(new NoOutbound(), readConfig({}), new SystemClock());

/** The body as the API reads it; throws what it would refuse. */
async function validated(body: unknown): Promise<RegisterIssuerDto> {
  const metadata = { type: 'body', metatype: RegisterIssuerDto } as const;
  const dto: unknown = await new RequestValidationPipe().transform(body, metadata);
  if (!(dto instanceof RegisterIssuerDto)) throw new Error('The pipe made something else.');
  return dto;
}

/** The JSON of the first `curl … -d '…'` of a page. */
function bodyIn(page: string): unknown {
  const [, body = ''] = /-d '(\{\n[\s\S]*?\n\})'\n/.exec(page) ?? [];
  return JSON.parse(body);
}

describe('the presets', () => {
  it('are those of eight providers', () => {
    expect(ISSUER_PRESETS.map(({ id, ownership }) => [id, ownership])).toEqual([
      ['keycloak', 'dns'],
      ['google-workspace', 'dns'],
      ['microsoft-entra', 'approval'],
      ['okta', 'approval'],
      ['auth0', 'approval'],
      ['github-actions', 'approval'],
      ['kubernetes', 'approval'],
      ['spiffe', 'dns'],
    ]);
  });

  it.each(each)('make a registration of %s that the API takes', async (_, preset) => {
    const body = fillPreset(preset, examplesOf(preset));

    const dto = await validated(body);

    expect(dto).toMatchObject(body);
    await expect(check.assertTrustworthy(registrationOf(dto))).resolves.toBeUndefined();
  });

  it.each(each)('make one of %s of the required fields alone', async (_, preset) => {
    const body = fillPreset(preset, requiredOf(preset));

    const dto = await validated(body);

    expect(dto).toMatchObject(body);
    await expect(check.assertTrustworthy(registrationOf(dto))).resolves.toBeUndefined();
  });

  // There no customer can publish a record. Google vouches for the domain of a customer instead, in hd.
  it('know the hosts that are the provider’s own', () => {
    const ofProviders = ISSUER_PRESETS.filter((preset) => {
      const { issuer } = fillPreset(preset, examplesOf(preset));
      return isHostOfProvider(new URL(String(issuer)).hostname);
    });

    expect(ofProviders.map(({ id, ownership }) => [id, ownership])).toEqual([
      ['google-workspace', 'dns'],
      ['microsoft-entra', 'approval'],
      ['okta', 'approval'],
      ['auth0', 'approval'],
      ['github-actions', 'approval'],
      ['kubernetes', 'approval'],
    ]);
  });

  it.each(each)('leave no placeholder of %s behind', (_, preset) => {
    for (const values of [examplesOf(preset), requiredOf(preset)]) {
      expect(JSON.stringify(fillPreset(preset, values))).not.toMatch(/\{\w+\}/);
    }
  });

  it.each(each)('of %s ask for what they use, and use what they ask for', (_, preset) => {
    const used = Object.values(preset.registration).flatMap(placeholdersIn);

    expect(new Set(used)).toEqual(new Set(preset.fields.map(({ name }) => name)));
  });

  // A part that names an optional field may be left out: never one that keeps somebody out.
  it.each(each)('of %s never leave out who is kept out', (_, preset) => {
    const required = Object.keys(requiredOf(preset));

    for (const part of ['issuer', 'audiences', 'match', 'condition', 'claims', 'roles']) {
      expect(required).toEqual(
        expect.arrayContaining(placeholdersIn(preset.registration[part] ?? '')),
      );
    }
  });

  it.each(eachWithCondition)('of %s let nobody write a condition of their own', (_, preset) => {
    const example = examplesOf(preset);

    for (const name of placeholdersIn(preset.registration['condition'] ?? '')) {
      for (const escape of ['"', '\\', '\n', '" || true || "']) {
        const values = { ...example, [name]: `${example[name] ?? ''}${escape}` };
        expect(() => fillPreset(preset, values)).toThrow(PresetUnfillable);
      }
    }
  });

  it.each([
    ['google-workspace', { email_verified: true }, true],
    ['google-workspace', { email_verified: 'true' }, false],
    ['github-actions', PUSH, true],
    ['github-actions', { ...PUSH, repository_owner_id: '1' }, false],
    ['github-actions', { ...PUSH, ref: 'refs/pull/7/merge' }, false],
    ['github-actions', { ...PUSH, event_name: 'pull_request_target' }, false],
    ['kubernetes', { 'kubernetes.io': { namespace: 'prod' } }, true],
    ['kubernetes', { 'kubernetes.io': { namespace: 'production' } }, false],
    ['spiffe', { sub: 'spiffe://acme.example/ns/prod/sa/billing' }, true],
    ['spiffe', { sub: 'spiffe://acme.example/ns/production/sa/billing' }, false],
    ['spiffe', { sub: 'spiffe://acme.example.evil/ns/prod/sa/billing' }, false],
  ])('let in by %s whom they mean: %j, %s', (id, claims, admitted) => {
    const preset = getPreset(id);
    const { condition } = fillPreset(preset, examplesOf(preset));

    expect(Condition.compile(String(condition)).admits(claims)).toBe(admitted);
  });

  it('bring an example of a key set that can be used', async () => {
    const preset = getPreset('kubernetes');
    const { keys } = fillPreset(preset, examplesOf(preset)) as { keys: { jwks: unknown } };

    const { keys: usable } = await parseKeySet(keys.jwks);

    expect(usable.map(({ kid, algorithms }) => [kid, algorithms])).toEqual([
      ['cluster-1', ['ES256']],
    ]);
  });

  it.each(each)(
    'of %s have a page of at most 90 lines that registers the examples',
    (_, preset) => {
      const page = readFileSync(preset.guide, 'utf8');

      expect(page.trimEnd().split('\n').length).toBeLessThanOrEqual(90);
      expect(bodyIn(page)).toEqual(fillPreset(preset, examplesOf(preset)));
    },
  );
});

describe('IssuerPresetsController', () => {
  const controller = new IssuerPresetsController();

  it('lists all presets on one page', () => {
    const page = controller.list();

    expect(page.nextCursor).toBeNull();
    expect(page.items).toMatchObject(ISSUER_PRESETS);
  });

  it('shows one preset in full', () => {
    expect(controller.get('auth0')).toMatchObject({
      id: 'auth0',
      guide: 'docs/issuers/auth0.md',
      registration: { issuer: 'https://{domain}/', audiences: ['{audience}'] },
      ownership: 'approval',
    });
  });

  it.each(['none', 'Keycloak', '', 'constructor'])('has no preset %j', (id) => {
    expect(() => controller.get(id)).toThrow(IssuerPresetNotFound);
  });
});
