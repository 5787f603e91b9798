import { DomainError } from '@tenantry/kernel';

export class IssuerPresetNotFound extends DomainError {
  readonly code = 'issuers.preset_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('There is no preset with that id: GET /v1/issuer-presets lists them all.');
  }
}
