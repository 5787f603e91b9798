import { SealBroken } from '../sealing-key.js';
import { type KeyServiceFault, KeyServiceRefused, KeyServiceUnreachable } from './kek.errors.js';

/** What the SDK's errors and Node's have in common. */
interface SdkFailure extends Error {
  /** Of the network: `ECONNRESET`. */
  readonly code?: unknown;
  /** The service's model marks it so. */
  readonly $retryable?: object;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** KMS tells a wrong context from no other damage: it says either for all that does not open. */
const NOT_OURS = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);

const PASSING = new Set([
  'AbortError',
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'DependencyTimeoutException',
  'KeyUnavailableException',
  'KMSInternalException',
  'IDPCommunicationError',
  // What answered is no KMS: a proxy, a maintenance page.
  'SyntaxError',
]);

const WORD = /^[A-Za-z][A-Za-z0-9_.-]{0,79}$/;
const REQUEST_ID = /^[A-Za-z0-9-]{1,64}$/;

/**
 * An error of ours for one of the SDK's, of which three words are kept. Its message may quote what
 * was answered, a key included, and its hidden `$response` leads to the request, whose Authorization
 * header names the credentials: neither may come near a log.
 */
export function keyServiceError(
  error: unknown,
): KeyServiceRefused | KeyServiceUnreachable | SealBroken {
  const failure: SdkFailure = error instanceof Error ? error : new Error();
  if (NOT_OURS.has(failure.name)) return new SealBroken();
  const cause = faultOf(failure);
  return isPassing(failure)
    ? new KeyServiceUnreachable(`The key service cannot be reached: ${told(cause)}.`, { cause })
    : new KeyServiceRefused(`The key service refuses: ${told(cause)}.`, { cause });
}

function isPassing({ name, code, $retryable, $metadata }: SdkFailure): boolean {
  if (PASSING.has(name) || $retryable !== undefined) return true;
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return typeof code === 'string';
  return status >= 500 || status === 429;
}

function faultOf({ name, code, $metadata }: SdkFailure): KeyServiceFault {
  const { httpStatusCode, requestId } = $metadata ?? {};
  return {
    name: [code, name].find(isWord) ?? 'Error',
    status: httpStatusCode ?? null,
    requestId: requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : null,
  };
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && WORD.test(value);
}

function told({ name, status, requestId }: KeyServiceFault): string {
  const parts = [name];
  if (status !== null) parts.push(`status ${status}`);
  if (requestId !== null) parts.push(`request ${requestId}`);
  return parts.join(', ');
}
