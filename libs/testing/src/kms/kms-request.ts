import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import { REFUSALS } from './kms-refusal.js';

const OPERATIONS = ['DescribeKey', 'Encrypt', 'Decrypt', 'ReEncrypt'] as const;

/** What the fake can do of what KMS can. */
export type KmsOperation = (typeof OPERATIONS)[number];

/** A request that is well-formed and looks signed. */
export interface KmsRequest {
  readonly operation: KmsOperation;
  /** Of the signature's scope: whose endpoint was meant. */
  readonly region: string;
  readonly input: Readonly<Record<string, unknown>>;
}

interface Signature {
  readonly day: string;
  readonly region: string;
  /** The names of the headers that it is over. */
  readonly signed: string;
}

const AUTHORIZATION = new RegExp(
  '^AWS4-HMAC-SHA256 Credential=[\\w+/=-]+/(\\d{8})/([a-z0-9-]+)/kms/aws4_request, ' +
    'SignedHeaders=([a-z0-9;-]+), Signature=[0-9a-f]{64}$',
);
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const SIGNED_AT_LEAST = ['host', 'x-amz-date', 'x-amz-target'];
const CLOCK_SKEW_MS = 5 * 60_000;

/** Reads a request of the JSON 1.1 protocol, or refuses it as KMS does. */
export async function readKmsRequest(request: IncomingMessage): Promise<KmsRequest> {
  const body = await text(request);
  const { headers, method, url } = request;
  if (method !== 'POST' || url !== '/') throw REFUSALS.unknownOperation();
  if (headers['content-type'] !== 'application/x-amz-json-1.1') throw REFUSALS.serialization();
  const operation = operationOf(headers);
  return { operation, region: regionOfSignature(headers), input: parsed(body) };
}

function operationOf(headers: IncomingHttpHeaders): KmsOperation {
  const target = headers['x-amz-target'];
  const operation = OPERATIONS.find((each) => target === `TrentService.${each}`);
  if (!operation) throw REFUSALS.unknownOperation();
  return operation;
}

function regionOfSignature(headers: IncomingHttpHeaders): string {
  const { day, region, signed } = signatureOf(headers);
  const names = signed.split(';');
  if (!SIGNED_AT_LEAST.every((name) => names.includes(name))) {
    throw REFUSALS.incompleteSignature('A header that must be signed is not.');
  }
  refuseUnlessNow(String(headers['x-amz-date']), day);
  return region;
}

/** Its shape alone: whether it is the right one says nothing of who is tested here. */
function signatureOf({ authorization = '' }: IncomingHttpHeaders): Signature {
  const [, day, region, signed] = AUTHORIZATION.exec(authorization) ?? [];
  if (day === undefined || region === undefined || signed === undefined) {
    throw REFUSALS.incompleteSignature('The Authorization header is not of Signature Version 4.');
  }
  return { day, region, signed };
}

function refuseUnlessNow(date: string, day: string): void {
  if (!AMZ_DATE.test(date) || !date.startsWith(day)) {
    throw REFUSALS.incompleteSignature('X-Amz-Date is not the date of the signature.');
  }
  const at = Date.parse(date.replace(AMZ_DATE, '$1-$2-$3T$4:$5:$6Z'));
  if (Math.abs(Date.now() - at) > CLOCK_SKEW_MS) throw REFUSALS.requestExpired();
}

function parsed(body: string): KmsRequest['input'] {
  try {
    const value: unknown = JSON.parse(body);
    if (isRecord(value)) return value;
  } catch {
    // Refused below, in the same words.
  }
  throw REFUSALS.serialization();
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
