import type { IssuerPreset } from './issuer-preset.js';
import { IssuerPresetNotFound } from './presets.errors.js';
import { AUTH0 } from './providers/auth0.js';
import { GITHUB_ACTIONS } from './providers/github-actions.js';
import { GOOGLE_WORKSPACE } from './providers/google-workspace.js';
import { KEYCLOAK } from './providers/keycloak.js';
import { KUBERNETES } from './providers/kubernetes.js';
import { MICROSOFT_ENTRA } from './providers/microsoft-entra.js';
import { OKTA } from './providers/okta.js';
import { SPIFFE } from './providers/spiffe.js';

/** Every preset: first the providers of people, then those of workloads. */
export const ISSUER_PRESETS: readonly IssuerPreset[] = [
  KEYCLOAK,
  GOOGLE_WORKSPACE,
  MICROSOFT_ENTRA,
  OKTA,
  AUTH0,
  GITHUB_ACTIONS,
  KUBERNETES,
  SPIFFE,
];

/** The preset with that id. Throws `IssuerPresetNotFound`. */
export function getPreset(id: string): IssuerPreset {
  const preset = ISSUER_PRESETS.find((candidate) => candidate.id === id);
  if (!preset) throw new IssuerPresetNotFound();
  return preset;
}
