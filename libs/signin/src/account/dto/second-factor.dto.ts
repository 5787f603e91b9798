import { IsString, MaxLength, MinLength } from 'class-validator';

import type { ProposedFactor } from '../own-second-factor.js';

/** The password of the account, once more. */
export class ProposeSecondFactorDto {
  /**
   * The password of the account.
   * @example correct horse battery staple
   */
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  readonly password!: string;
}

/** A code of the app that was just set up. */
export class ConfirmSecondFactorDto {
  /**
   * The code that the app shows.
   * @example 492039
   */
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  readonly code!: string;
}

/** The password and the second factor, once more. */
export class ProveSecondFactorDto extends ProposeSecondFactorDto {
  /**
   * The code that the app shows, or a recovery code.
   * @example 492039
   */
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  readonly code!: string;
}

/** A secret for an authenticator app: shown once, and good from its first code on. */
export class ProposedSecondFactorDto {
  /**
   * The secret in base32, for typing it in.
   * @example JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
   */
  readonly secret: string;

  /**
   * The same as an `otpauth:` URI, for a QR code.
   * @example otpauth://totp/Tenantry:ada%40acme.example?issuer=Tenantry&secret=JBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30
   */
  readonly uri: string;

  constructor({ secret, uri }: ProposedFactor) {
    this.secret = secret;
    this.uri = uri;
  }
}

/** The codes for whoever loses their second factor: shown once, and each good once. */
export class RecoveryCodesDto {
  /**
   * Ten codes.
   * @example ["7K3M-9QXT-2VWB-5HRD"]
   */
  readonly recoveryCodes: string[];

  constructor(codes: readonly string[]) {
    this.recoveryCodes = [...codes];
  }
}
