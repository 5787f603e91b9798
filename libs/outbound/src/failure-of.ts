import { OutboundFailure, type OutboundFailureReason } from './outbound-failure.js';

const TLS_CODE =
  /^(ERR_(TLS|SSL|OSSL)_|CERT_|CRL_|UNABLE_TO_|EPROTO$)|SELF_SIGNED|HOSTNAME_MISMATCH/;

const REASON_OF_CODE: Readonly<Record<string, OutboundFailureReason>> = {
  UND_ERR_HEADERS_OVERFLOW: 'too_large',
  ETIMEDOUT: 'timeout',
};

/** Turns whatever broke a connection into an `OutboundFailure`. */
export function failureOf(error: unknown): OutboundFailure {
  if (error instanceof OutboundFailure) return error;
  const code = textOf(error, 'code');
  const otherwise = TLS_CODE.test(code) ? 'tls_failed' : 'connect_failed';
  return new OutboundFailure(REASON_OF_CODE[code] ?? otherwise, { cause: traceOf(error) });
}

/**
 * Keeps the words of an error and drops the rest: a parser's error holds bytes of the answer, and a
 * certificate's the whole certificate.
 */
export function traceOf(error: unknown): Error {
  const words = [textOf(error, 'code'), textOf(error, 'message')];
  return new Error([...words, ...attemptsOf(error)].filter(Boolean).join(': '));
}

/** What became of each address, where several were tried. */
function attemptsOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null || !('errors' in error)) return [];
  const attempts: unknown[] = Array.isArray(error.errors) ? error.errors : [];
  return attempts.map((attempt) => textOf(attempt, 'message'));
}

// No `instanceof Error`: errors of Node itself come from another realm where a test runner is at work.
function textOf(error: unknown, property: 'code' | 'message'): string {
  if (typeof error !== 'object' || error === null || !(property in error)) return '';
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : '';
}
