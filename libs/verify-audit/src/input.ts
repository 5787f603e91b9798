import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { TextDecoder } from 'node:util';

import type { Checkpoint, PublicKey } from './checkpoint.js';
import { checkpointsFrom, keyFrom } from './checkpoint-form.js';
import { isFields, Unreadable } from './fields.js';

const LINE_LENGTH_MAX = 16 * 1024 * 1024;
const FILE_BYTES_MAX = 256 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
/** An Ed25519 public key in base64url. */
const KEY = /^[\w-]{43}$/;

/** One line of an export, as JSON, and where it stands. */
export type Take = (value: unknown) => boolean;

/**
 * Hands the lines of a file of JSON lines on, until one is the last that is wanted.
 * `-` is standard input. Throws `Unreadable`, with the number of the line.
 */
export async function takeLines(file: string, take: Take): Promise<void> {
  const source =
    file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let number = 0;
  let rest = '';
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const lines = (rest + decoded(decoder, { chunk, line: number + 1 })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_LENGTH_MAX) throw new Unreadable(`Line ${number + 1} is too long.`);
    if (!lines.every((line) => taken(line, (number += 1), take))) return;
  }
  taken(rest + decoded(decoder, { line: number + 1 }), number + 1, take);
}

/** A whole file of JSON, or else of JSON lines. Throws `Unreadable`. */
export async function checkpointsIn(file: string): Promise<Checkpoint[]> {
  const text = await textIn(file);
  const whole = parsed(text);
  if (whole !== undefined) return checkpointsFrom(whole);
  const checkpoints: Checkpoint[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    taken(line, index + 1, (value) => checkpoints.push(...checkpointsFrom(value)) > 0);
  }
  return checkpoints;
}

/** The keys that an argument names: `x` of a JWK itself, or a file that holds a JWK, or a set of them. */
export async function keysIn(argument: string): Promise<PublicKey[]> {
  if (KEY.test(argument)) return [{ kty: 'OKP', crv: 'Ed25519', x: argument }];
  const value = await jsonIn(argument);
  const keys = isFields(value) && Array.isArray(value['keys']) ? value['keys'] : [value];
  return keys.map(keyFrom);
}

/** A whole file of JSON. Throws `Unreadable`. */
export async function jsonIn(file: string): Promise<unknown> {
  const value = parsed(await textIn(file));
  if (value === undefined) throw new Unreadable('It is no JSON.');
  return value;
}

async function textIn(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > FILE_BYTES_MAX) throw new Unreadable('It is too large.');
  return decoded(new TextDecoder('utf-8', { fatal: true }), {
    chunk: await readFile(file),
    line: 1,
  });
}

function taken(line: string, number: number, take: Take): boolean {
  if (line.trim() === '') return true;
  const value = parsed(line);
  if (value === undefined) throw new Unreadable(`Line ${number} is no JSON.`);
  try {
    return take(value);
  } catch (error) {
    if (error instanceof Unreadable) throw new Unreadable(`Line ${number}: ${error.message}`);
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What is not UTF-8 could be read as something else by somebody else. */
function decoded(
  decoder: TextDecoder,
  { chunk, line }: { readonly chunk?: Buffer; readonly line: number },
): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw new Unreadable(`It is not UTF-8, from line ${line} on.`);
  }
}
