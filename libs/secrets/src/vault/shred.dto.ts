import { IsOptional, IsString, MaxLength } from 'class-validator';

import { PageDtoOf } from '@tenantry/http';
import { REASON_LENGTH_MAX } from './seal.dto.js';
import type { ShredCertificate } from './shredding.repository.js';

const SLUG_LENGTH_MAX = 63;

/** Everything in the vault is to be destroyed, for good. */
export class ShredVaultDto {
  /**
   * The slug of the tenant, so that nobody does it by mistake.
   * @example acme
   */
  @IsString()
  @MaxLength(SLUG_LENGTH_MAX)
  readonly confirm!: string;

  /**
   * For the record, and for the certificate.
   * @example Contract 4711 has ended.
   */
  @IsOptional()
  @IsString()
  @MaxLength(REASON_LENGTH_MAX)
  readonly reason?: string | null;
}

/** A signed statement that a tenant's data keys were destroyed. */
export class ShredCertificateDto {
  /**
   * Its id: `jti` within.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * When it was issued.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly issuedAt: Date;

  /**
   * The statement itself (JWS, compact; `typ` is `shred-certificate+jwt`): whose vault, which keys,
   * the SHA-256 of their canaries, whether those opened before, how many values are gone. Signed with
   * a key of `/.well-known/jwks.json`, which it holds too, as that list forgets old keys.
   * @example eyJhbGciOiJFZERTQSIsInR5cCI6InNocmVkLWNlcnRpZmljYXRlK2p3dCJ9.eyJzdWIiOiIwMTkzOWYzZSJ9.c2lnbmF0dXJl
   */
  readonly certificate: string;

  constructor({ id, issuedAt, certificate }: ShredCertificate) {
    this.id = id;
    this.issuedAt = issuedAt;
    this.certificate = certificate;
  }
}

/** A page of certificates. */
export class ShredCertificatesPageDto extends PageDtoOf(ShredCertificateDto) {}
