/** Seals what is kept at rest. */
export abstract class Sealer {
  abstract seal(plaintext: Buffer, context: string): Buffer;

  /** Throws where the bytes were changed, or sealed under another context. */
  abstract open(sealed: Buffer, context: string): Buffer;
}
