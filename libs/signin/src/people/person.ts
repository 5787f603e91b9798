/** Somebody with an account of their own, as far as signing in needs to know. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly displayName: string | null;
  /** Null until the first invitation is accepted. */
  readonly passwordHash: string | null;
  readonly emailVerifiedAt: Date | null;
  /** Sealed; good for nothing until it is confirmed. */
  readonly totpSecret: Uint8Array | null;
  readonly totpConfirmedAt: Date | null;
  readonly totpLastStep: number | null;
  /** Digests of those that were not used yet. */
  readonly recoveryCodes: readonly Uint8Array[];
}
