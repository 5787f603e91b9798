import { Injectable } from '@nestjs/common';
import { decodeJwt, type JWTPayload } from 'jose';

import { API_KEY_PREFIX, type Authenticated, Authenticator, IssuerPending } from '@tenantry/access';
import { DomainError } from '@tenantry/kernel';
import { OwnIssuer } from '../../own-issuer.js';
import { IntrospectionDto } from '../dto/introspection.dto.js';
import type { Asker } from './askers.js';

const TOKEN_LENGTH_MAX = 16_384;

/** Says what a token is good for, to whom it concerns (RFC 7662). */
@Injectable()
export class Introspection {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly own: OwnIssuer,
  ) {}

  /** Whatever opens nothing, or nothing of the asker's, is inactive: why is told to nobody. */
  async lookInto(token: string, asker: Asker): Promise<IntrospectionDto> {
    const found = token.length > TOKEN_LENGTH_MAX ? null : await this.#find(token);
    if (!found || !isShownTo(asker, found) || !isLetIn(found)) return new IntrospectionDto(null);
    const claims = token.startsWith(API_KEY_PREFIX) ? {} : decodeJwt(token);
    const { actor, tenant, validUntilMs } = found;
    // Another issuer's token may carry any `sid` at all.
    const sessionId = actor.issuer === this.own.issuer ? actor.sessionId : null;
    const expiresAt = endOf(validUntilMs, claims);
    return new IntrospectionDto({ actor, tenant, claims, sessionId, expiresAt });
  }

  async #find(token: string): Promise<(Authenticated & { readonly validUntilMs: number }) | null> {
    try {
      return await this.authenticator.inspect(token);
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
  }
}

function isRefusal(error: unknown): boolean {
  if (error instanceof IssuerPending) return true;
  return (
    error instanceof DomainError && (error.kind === 'unauthenticated' || error.kind === 'forbidden')
  );
}

function isShownTo(asker: Asker, { tenant }: Authenticated): boolean {
  return asker.sees === 'all' || tenant?.id === asker.tenantId;
}

/** As the guard would decide at the door, whatever the route. */
function isLetIn({ actor, tenant }: Authenticated): boolean {
  if (!tenant) return true;
  if (tenant.status === 'suspended') return false;
  return !(tenant.requiresSecondFactor && actor.kind === 'person' && !actor.hasSecondFactor);
}

/** The end in whole seconds: of the token's own, or of what it rests on. Null: for good. */
function endOf(validUntilMs: number, { exp }: JWTPayload): number | null {
  const end = Math.min(exp ?? Number.POSITIVE_INFINITY, Math.floor(validUntilMs / 1_000));
  return Number.isFinite(end) ? end : null;
}
