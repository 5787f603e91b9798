/** Something that whoever registers an issuer by a preset fills in. */
export interface PresetField {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly example: string;
  /** A regular expression that every value matches; null: any text will do. */
  readonly pattern: string | null;
  readonly required: boolean;
  /** `json`: the value is JSON text, and stands in the registration as what it says. */
  readonly format: 'text' | 'json';
}

/** JSON in whose texts `{name}` stands for the field of that name. */
export type Template =
  string | number | readonly Template[] | { readonly [name: string]: Template };

/**
 * How one well-known provider is registered.
 *
 * A part of the registration (`keys`, `roleMapping`, …) that names an optional field is left out
 * whole where that field is left blank.
 */
export interface IssuerPreset {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  /** The page that leads through it, as a path in the repository. */
  readonly guide: string;
  readonly fields: readonly PresetField[];
  readonly registration: Readonly<Record<string, Template>>;
  /** What goes wrong most often. */
  readonly notes: readonly string[];
  /** `dns`: by a TXT record of the tenant's own; `approval`: by a platform admin alone. */
  readonly ownership: 'dns' | 'approval';
}

const PLACEHOLDER = /\{(\w+)\}/g;

/** The names of the fields that a part of a template asks for. */
export function placeholdersIn(part: Template): string[] {
  return [...JSON.stringify(part).matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/** A part of a template with everything filled in, in one pass: no value is read as a template. */
export function filledIn(part: Template, values: ReadonlyMap<string, unknown>): unknown {
  if (typeof part === 'string') return filledText(part, values);
  if (typeof part !== 'object') return part;
  return isList(part)
    ? part.map((item) => filledIn(item, values))
    : Object.fromEntries(
        Object.entries(part).map(([name, inner]) => [name, filledIn(inner, values)]),
      );
}

function filledText(text: string, values: ReadonlyMap<string, unknown>): unknown {
  const [only] = placeholdersIn(text);
  // Only a text that is nothing but a placeholder may become something else than a text.
  if (only !== undefined && text === `{${only}}`) return values.get(only);
  return text.replaceAll(PLACEHOLDER, (_, name: string) => String(values.get(name)));
}

/** `Array.isArray` does not narrow a readonly list. */
function isList(part: Template): part is readonly Template[] {
  return Array.isArray(part);
}
