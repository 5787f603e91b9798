import type { PresetField } from './issuer-preset.js';

/** A host in small letters, as `iss` writes it. */
export const HOST = '^[a-z0-9-]+(\\.[a-z0-9-]+)+$';
/** An https URL in the form of an `iss`: without query, fragment or credentials. */
export const HTTPS_URL =
  '^https://[a-z0-9-]+(\\.[a-z0-9-]+)*(:[0-9]{1,5})?(/[A-Za-z0-9._~%-]+)*/?$';
/** Text without blanks, quotes, backslashes and braces. */
export const PLAIN = '^[^\\s"\'\\\\{}]{1,255}$';
export const GUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

type Asked = Pick<PresetField, 'name' | 'label' | 'description' | 'example'>;

/** A field: required text, unless it says otherwise. */
export function field(asked: Asked & Partial<PresetField>): PresetField {
  return { pattern: PLAIN, required: true, format: 'text', ...asked };
}

/** The audience of the tokens of a provider where whoever asks for a token chooses it freely. */
export const CHOSEN_AUDIENCE = field({
  name: 'audience',
  label: 'Audience',
  description:
    'The value of aud that means this service. Choose one that is yours alone; it must be in every token.',
  example: 'https://tenantry.acme.example',
});

/** What a workload may do that the registration lets in. */
export const WORKLOAD_ROLE = field({
  name: 'role',
  label: 'Role',
  description:
    'The role in this tenant of every workload that this issuer vouches for; never tenant-admin.',
  example: 'operator',
  pattern: '^[a-z][a-z0-9-]{0,62}$',
});

/** The role that a group brings, where groups are mapped at all. */
export const GROUP_ROLE = field({
  name: 'role',
  label: 'Role of the group',
  description: 'The role in this tenant that members of the group get. Left blank: none is mapped.',
  example: 'builder',
  pattern: '^[a-z][a-z0-9-]{0,62}$',
  required: false,
});

/** A group of the provider that brings a role. */
export const GROUP = field({
  name: 'group',
  label: 'Group',
  description: 'The group whose members get a role, spelt as the token spells it.',
  example: 'engineering',
  pattern: null,
  required: false,
});

export const MAPPED_GROUP = [{ group: '{group}', role: '{role}' }] as const;
