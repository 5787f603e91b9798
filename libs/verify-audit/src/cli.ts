import { parseArgs } from 'node:util';

import { chainAnswer, type Given, proofAnswer } from './answer.js';
import { ChainReader } from './chain-reader.js';
import type { Checkpoint, PublicKey } from './checkpoint.js';
import { Unreadable } from './fields.js';
import { checkpointsIn, jsonIn, keysIn, takeLines } from './input.js';
import { proofFrom, verifyProof } from './proof.js';

const USAGE = `Usage: verify-audit <export.ndjson | -> [--checkpoint <file>]... [--key <key>]... [--partial] [--json]
       verify-audit --proof <file> [--checkpoint <file>]... [--key <key>]... [--json]

  --checkpoint  a file of checkpoints; the first one that you have held the longest
  --key         a key that may sign: a file that holds a JWK, or its \`x\`
  --partial     the export begins in the middle: say nothing about what came before
  --proof       verify one event by its proof, instead of an export
  --json        answer in JSON

Ends with 0 where all is valid, 1 where something is broken, 2 where nothing could be verified.
`;

const OPTIONS = {
  checkpoint: { type: 'string', multiple: true, default: [] as string[] },
  key: { type: 'string', multiple: true, default: [] as string[] },
  partial: { type: 'boolean', default: false },
  proof: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What was found, for people and for programs. */
interface Finding {
  readonly report: { readonly valid: boolean };
  readonly text: string;
}

type Asked = ReturnType<typeof askedBy>;

/** Runs the command; answers the code that the process is to end with. */
export async function main(args: readonly string[]): Promise<0 | 1 | 2> {
  try {
    const asked = askedBy(args);
    if (asked.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    const { report, text } = await found(asked);
    process.stdout.write(asked.json ? `${JSON.stringify(report)}\n` : text);
    return report.valid ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 2;
  }
}

function askedBy(args: readonly string[]): {
  readonly checkpoint: readonly string[];
  readonly key: readonly string[];
  readonly partial: boolean;
  readonly proof: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
  readonly file: string | undefined;
} {
  const { values, positionals } = parsedArguments(args);
  const { checkpoint, key, partial, proof, json, help } = values;
  const isClear = positionals.length === (proof === undefined ? 1 : 0);
  if (!help && !isClear) throw new Unreadable(USAGE);
  return { checkpoint, key, partial, proof, json, help, file: positionals[0] };
}

function parsedArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch {
    throw new Unreadable(USAGE);
  }
}

async function found(asked: Asked): Promise<Finding> {
  const checkpoints: Checkpoint[] = [];
  for (const file of asked.checkpoint) {
    for (const each of await reading(file, () => checkpointsIn(file))) checkpoints.push(each);
  }
  const keys: PublicKey[] = [];
  for (const key of asked.key) keys.push(...(await reading(key, () => keysIn(key))));

  const given = { checkpoints: checkpoints.length, hasKeys: keys.length > 0 };
  if (asked.proof !== undefined) return ofProof(asked.proof, { checkpoints, keys, given });
  const reader = new ChainReader({ checkpoints, keys, partial: asked.partial });
  return ofChain(asked.file ?? '-', reader, given);
}

async function ofChain(file: string, reader: ChainReader, given: Given): Promise<Finding> {
  let lines = 0;
  await reading(file, () =>
    takeLines(file, (value) => {
      lines += 1;
      reader.read(value);
      return reader.broken === null;
    }),
  );
  if (lines === 0 && given.checkpoints === 0) throw new Unreadable('There is nothing to verify.');
  const report = reader.end();
  return { report, text: chainAnswer(report, given) };
}

async function ofProof(
  file: string,
  {
    checkpoints,
    keys,
    given,
  }: {
    readonly checkpoints: readonly Checkpoint[];
    readonly keys: readonly PublicKey[];
    readonly given: Given;
  },
): Promise<Finding> {
  const report = await reading(file, async () =>
    verifyProof(proofFrom(await jsonIn(file)), { checkpoints, keys }),
  );
  return { report, text: proofAnswer(report, given) };
}

/** Says which file it was that could not be read. */
async function reading<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Unreadable(`${file === '-' ? 'Standard input' : file}: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  return error instanceof Error && 'code' in error
    ? `It cannot be read (${String(error.code)}).`
    : 'It cannot be read.';
}
