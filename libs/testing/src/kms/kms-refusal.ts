/** What KMS answers instead: `__type`, message and status, as the service's model has them. */
export class KmsRefusal extends Error {
  constructor(
    readonly type: string,
    readonly status: number,
    message = '',
  ) {
    super(message);
  }
}

export const REFUSALS = {
  accessDenied: () =>
    new KmsRefusal('AccessDeniedException', 400, 'User is not authorized to perform: kms'),
  disabled: (arn: string) => new KmsRefusal('DisabledException', 409, `${arn} is disabled.`),
  incompleteSignature: (what: string) => new KmsRefusal('IncompleteSignature', 400, what),
  incorrectKey: () =>
    new KmsRefusal('IncorrectKeyException', 400, 'The key ID in the request does not fit.'),
  internal: () => new KmsRefusal('KMSInternalException', 500, 'An internal error.'),
  // The real one says nothing here: it has no message at all.
  invalidCiphertext: () => new KmsRefusal('InvalidCiphertextException', 400),
  invalidState: (arn: string) =>
    new KmsRefusal('KMSInvalidStateException', 409, `${arn} is pending deletion.`),
  invalidUsage: (arn: string) =>
    new KmsRefusal('InvalidKeyUsageException', 400, `${arn} is not for that.`),
  notFound: (keyId: string) =>
    new KmsRefusal('NotFoundException', 404, `Key '${keyId}' does not exist`),
  requestExpired: () => new KmsRefusal('RequestExpired', 400, 'The date is too far off.'),
  serialization: () => new KmsRefusal('SerializationException', 400),
  throttled: () => new KmsRefusal('ThrottlingException', 400, 'Rate exceeded'),
  unknownOperation: () => new KmsRefusal('UnknownOperationException', 404),
  validation: (what: string) =>
    new KmsRefusal('ValidationException', 400, `1 validation error detected: ${what}`),
} as const;
