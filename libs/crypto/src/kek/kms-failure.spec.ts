import { inspect } from 'node:util';

import { describe, expect, it } from '@jest/globals';

import { SealBroken } from '../sealing-key.js';
import { KeyServiceRefused, KeyServiceUnreachable } from './kek.errors.js';
import { keyServiceError } from './kms-failure.js';
import { lazily } from './lazily.js';
import { within } from './within.js';

const CANARY = 'canary-8f14e45f';

/** As the SDK makes them: what must not be seen is in the message, in fields, and in hidden fields. */
function sdkError(name: string, fields: object = {}): Error {
  const error = Object.assign(new Error(`quoted: ${CANARY}`), { name, detail: CANARY, ...fields });
  for (const hidden of ['$response', '$responseBodyText']) {
    Object.defineProperty(error, hidden, { value: { body: CANARY }, enumerable: false });
  }
  return error;
}

const answered = (httpStatusCode: number): object => ({
  $fault: 'client',
  $metadata: { httpStatusCode, requestId: 'a1b2-c3' },
});

describe('keyServiceError', () => {
  it.each([
    ['ThrottlingException', answered(400)],
    ['LimitExceededException', answered(400)],
    ['KeyUnavailableException', answered(500)],
    ['KMSInternalException', answered(500)],
    ['DependencyTimeoutException', answered(503)],
    ['SomethingNew', answered(502)],
    ['SomethingNew', answered(429)],
    ['SomethingNew', { ...answered(400), $retryable: {} }],
    ['AbortError', {}],
    ['TimeoutError', {}],
    ['SyntaxError', answered(200)],
    ['Error', { code: 'ENOTFOUND' }],
    ['Error', { code: 'CERT_HAS_EXPIRED' }],
  ])('takes %s %o for a service out of reach', (name, fields) => {
    expect(keyServiceError(sdkError(name, fields))).toBeInstanceOf(KeyServiceUnreachable);
  });

  it.each([
    ['AccessDeniedException', answered(400)],
    ['DisabledException', answered(409)],
    ['NotFoundException', answered(404)],
    ['KMSInvalidStateException', answered(409)],
    ['InvalidKeyUsageException', answered(400)],
    ['UnrecognizedClientException', answered(400)],
    ['ValidationException', answered(400)],
    ['CredentialsProviderError', {}],
    // "Region is missing".
    ['Error', {}],
  ])('takes %s %o for a refusal', (name, fields) => {
    expect(keyServiceError(sdkError(name, fields))).toBeInstanceOf(KeyServiceRefused);
  });

  it.each(['InvalidCiphertextException', 'IncorrectKeyException'])(
    'takes %s for a broken seal',
    (name) => {
      expect(keyServiceError(sdkError(name, answered(400)))).toBeInstanceOf(SealBroken);
    },
  );

  it('tells name, status and request id, and nothing else', () => {
    const error = keyServiceError(sdkError('DisabledException', answered(409)));

    expect(error.message).toBe(
      'The key service refuses: DisabledException, status 409, request a1b2-c3.',
    );
    expect(error.cause).toEqual({ name: 'DisabledException', status: 409, requestId: 'a1b2-c3' });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(CANARY);
  });

  it('tells no name, code or request id that is none', () => {
    const quoted = sdkError(`Bad "${CANARY}"`, {
      code: `in ${CANARY}`,
      $metadata: { httpStatusCode: 400, requestId: `<${CANARY}>` },
    });

    expect(keyServiceError(quoted).message).toBe('The key service refuses: Error, status 400.');
    expect(keyServiceError(CANARY).message).toBe('The key service refuses: Error.');
  });

  it('tells the word of the network', () => {
    expect(keyServiceError(sdkError('TimeoutError', { code: 'ECONNREFUSED' })).message).toBe(
      'The key service cannot be reached: ECONNREFUSED.',
    );
  });
});

describe('lazily', () => {
  it('loads once for all who ask, not before, and again only after a failure', async () => {
    const outcomes = [Promise.reject(new Error('EMFILE')), Promise.resolve('loaded')];
    let loads = 0;
    const get = lazily(() => outcomes[loads++] ?? Promise.reject(new Error('Too often')));

    expect(loads).toBe(0);
    await expect(Promise.all([get(), get()])).rejects.toThrow('EMFILE');
    expect(loads).toBe(1);
    expect(await Promise.all([get(), get()])).toEqual(['loaded', 'loaded']);
    expect(loads).toBe(2);
  });
});

describe('within', () => {
  it('does not wait for work that hears no signal, and tells it to stop', async () => {
    let heard: AbortSignal | undefined;
    const deaf = within(1, (signal) => {
      heard = signal;
      return new Promise(() => undefined);
    });

    await expect(deaf).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(heard?.aborted).toBe(true);
  });

  it('passes on what the work came to', async () => {
    expect(await within(60_000, () => Promise.resolve('done'))).toBe('done');
    await expect(within(60_000, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  });
});
