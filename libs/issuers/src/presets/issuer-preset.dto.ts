import { PageDtoOf } from '@tenantry/http';
import type { IssuerPreset, PresetField } from './issuer-preset.js';

/** Something to fill in. */
export class PresetFieldDto {
  /**
   * Its name; `{name}` stands for its value in the registration.
   * @example realm
   */
  readonly name: string;

  /**
   * Its name for people.
   * @example Realm
   */
  readonly label: string;

  /**
   * What it is, and where to find it.
   * @example The name of the realm, as it stands in URLs.
   */
  readonly description: string;

  /**
   * A value that would do.
   * @example acme
   */
  readonly example: string;

  /**
   * A regular expression that every value matches; null: any text will do.
   * @example ^[A-Za-z0-9._~%-]+$
   */
  readonly pattern: string | null;

  /**
   * Whether it must be filled in.
   * @example true
   */
  readonly required: boolean;

  /**
   * `json`: the value is JSON text, and stands in the registration as what it says.
   * @example text
   */
  readonly format: 'text' | 'json';

  constructor(field: PresetField) {
    this.name = field.name;
    this.label = field.label;
    this.description = field.description;
    this.example = field.example;
    this.pattern = field.pattern;
    this.required = field.required;
    this.format = field.format;
  }
}

/** How one well-known provider is registered as an issuer. */
export class IssuerPresetDto {
  /**
   * Its id.
   * @example keycloak
   */
  readonly id: string;

  /**
   * The name of the provider.
   * @example Keycloak
   */
  readonly name: string;

  /**
   * Whose tokens it is for.
   * @example People and service accounts of a Keycloak realm, with their realm roles.
   */
  readonly summary: string;

  /**
   * The page that leads through it, as a path in the repository.
   * @example docs/issuers/keycloak.md
   */
  readonly guide: string;

  /** What to fill in. */
  readonly fields: PresetFieldDto[];

  /**
   * The body of the registration, with `{name}` for every field. A part that names an optional
   * field is left out whole where that field is left blank.
   * @example { "issuer": "{baseUrl}/realms/{realm}", "audiences": ["{audience}"] }
   */
  readonly registration: Record<string, unknown>;

  /**
   * What goes wrong most often.
   * @example ["By itself Keycloak writes no audience of yours into a token: an audience mapper must add it."]
   */
  readonly notes: string[];

  /**
   * How a tenant shows that the issuer is its own: `dns` by a TXT record, `approval` by a platform admin alone.
   * @example dns
   */
  readonly ownership: 'dns' | 'approval';

  constructor(preset: IssuerPreset) {
    this.id = preset.id;
    this.name = preset.name;
    this.summary = preset.summary;
    this.guide = preset.guide;
    this.fields = preset.fields.map((field) => new PresetFieldDto(field));
    this.registration = { ...preset.registration };
    this.notes = [...preset.notes];
    this.ownership = preset.ownership;
  }
}

/** All presets, on one page. */
export class IssuerPresetsPageDto extends PageDtoOf(IssuerPresetDto) {}
