import { Injectable } from '@nestjs/common';

import { AppConfig } from '@tenantry/config';
import { Database } from '@tenantry/database';
import { isStorable, PLATFORM_ID, type TenantScope } from '@tenantry/kernel';
import { ClaimsRegistry } from '../claims-registry.js';
import type { UrlOwners } from './checks/on-issuer.js';

/** Says whose a URL is as far as that is no secret: this service's own, or the platform's. */
@Injectable()
export class KnownUrls {
  constructor(
    private readonly database: Database,
    private readonly claims: ClaimsRegistry,
    private readonly config: AppConfig,
  ) {}

  /** What a tenant may know of the `iss` of a token; the platform knows its own issuers anyway. */
  async of(scope: TenantScope, iss: unknown): Promise<UrlOwners> {
    const isJudged = scope.tenantId !== PLATFORM_ID && isStorable(iss);
    const reserved = isJudged ? await this.ofPlatform(scope, [iss]) : [];
    return { builtIn: this.config.publicUrl, isOfPlatform: reserved.length > 0 };
  }

  /** Those of the URLs that are an issuer's of the platform. */
  async ofPlatform(scope: TenantScope, urls: readonly string[]): Promise<string[]> {
    return this.database.within(scope, (tx) => this.claims.ofPlatform(tx, urls));
  }
}
