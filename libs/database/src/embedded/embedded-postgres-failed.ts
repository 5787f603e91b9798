/** One line for the operator: why the embedded server cannot run, and what to do about it. Never a secret. */
export class EmbeddedPostgresFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedPostgresFailed';
  }
}
