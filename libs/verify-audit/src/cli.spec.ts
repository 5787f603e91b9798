import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { main } from './cli.js';
import { aSigner, chainOf, checkpointsOf } from './fixtures/chain.js';
import { type Checkpoint, inclusionPath } from './index.js';

const PROGRAM = fileURLToPath(new URL('../bin/verify-audit.js', import.meta.url));

const signer = aSigner();
const events = chainOf(7);
const [first, second] = checkpointsOf(events, { signer, size: 3 }) as [Checkpoint, Checkpoint];
const leaves = events.slice(0, 3).map(({ hash }) => Buffer.from(hash, 'hex'));
const proof = {
  event: events[0],
  checkpoint: first,
  leafIndex: 0,
  treeSize: 3,
  path: inclusionPath(leaves, 0).map((each) => each.toString('hex')),
};
const lines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-audit-'));
  const files = {
    'export.ndjson': lines(events),
    'short.ndjson': lines(events.slice(0, 5)),
    'middle.ndjson': lines(events.slice(4)),
    'changed.ndjson': lines(
      events.map((event) => ({ ...event, count: event.sequence === 3 ? 2 : 1 })),
    ),
    'crlf.ndjson': `\ufeff${lines(events).replaceAll('\n', '\r\n')}\r\n`,
    'empty.ndjson': '\n',
    'text.ndjson': `${lines(events.slice(0, 2))}not json\n`,
    'types.ndjson': `${lines(events.slice(0, 2))}{"__proto__":{"sequence":3}}\n`,
    'long.ndjson': `${lines(events.slice(0, 2))}"${'x'.repeat(17 * 1024 * 1024)}`,
    'bytes.ndjson': Buffer.from([0x7b, 0xff, 0x7d]),
    'one.json': JSON.stringify(first, null, 2),
    'list.json': JSON.stringify([first, second]),
    'page.json': JSON.stringify({ items: [second, first], nextCursor: null }),
    'lines.ndjson': lines([first, second]),
    'message.json': JSON.stringify({ type: 'audit.checkpoint', data: second }),
    'nested.json': `${'['.repeat(9)}${JSON.stringify(first)}${']'.repeat(9)}`,
    'key.json': JSON.stringify(signer.publicKey),
    'keys.json': JSON.stringify({ keys: [aSigner().publicKey, signer.publicKey] }),
    'stranger.json': JSON.stringify(aSigner().publicKey),
    'proof.json': JSON.stringify(proof),
    'lie.json': JSON.stringify({ ...proof, leafIndex: 1 }),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(at(name), content);
});
afterAll(() => rm(folder, { recursive: true }));

describe('verify-audit', () => {
  it('runs from where it was built', () => {
    const valid = spawnSync(process.execPath, [PROGRAM, '-', '--checkpoint', at('list.json')], {
      input: lines(events),
      encoding: 'utf8',
    });

    expect(valid).toMatchObject({ status: 0, stderr: '' });
    expect(valid.stdout).toBe(`Valid.
Trail: 0192f0c1-7a2b-7c3d-8e4f-112233445566
Records: 7, from 1 to 7
Checkpoints: 2 of 2 given lie among these records and hold
Note: the last 1 records are under none of these checkpoints yet.
Note: the key ${first.keyId} was taken from the first checkpoint. Name the key that you know with --key.
`);
  });

  it('says where an export is broken', async () => {
    const { code, out } = await run('changed.ndjson', '--checkpoint', 'one.json');

    expect(code).toBe(1);
    expect(out).toBe(`Broken at sequence 3 (event 0192f0c1-7a2b-7c3d-8e4f-000000000003): content
Record 3 does not have the hash that it bears.
This record, its time or its place was changed after it was written.
Note: the key ${first.keyId} was taken from the first checkpoint. Name the key that you know with --key.
`);
  });

  it('answers in JSON', async () => {
    const { code, out } = await run('short.ndjson', '--checkpoint', 'page.json', '--json');

    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      records: 5,
      broken: { code: 'truncated', sequence: 6, checkpoint: 2 },
    });
  });

  it.each([
    ['a list', ['list.json'], 2],
    ['a page', ['page.json'], 2],
    ['JSON lines', ['lines.ndjson'], 2],
    ['a message that a sink was sent', ['message.json'], 1],
    ['several files', ['one.json', 'message.json'], 2],
  ])('reads checkpoints of %s', async (_what, files, checkpoints) => {
    const options = files.flatMap((file) => ['--checkpoint', file]);
    const { code, out } = await run('crlf.ndjson', ...options, '--json');

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ valid: true, records: 7, checkpoints });
  });

  it.each([
    ['a JWK', () => at('key.json'), 0],
    ['a set of them', () => at('keys.json'), 0],
    ['the key itself', () => signer.publicKey.x, 0],
    ['the key of somebody else', () => at('stranger.json'), 1],
  ])('trusts the key that it is told by %s', async (_what, key, code) => {
    const args = ['--checkpoint', at('list.json'), '--key', key()];

    expect(await run('export.ndjson', ...args)).toMatchObject({ code });
  });

  it('tells a part from a whole', async () => {
    const whole = await run('middle.ndjson');
    const part = await run('middle.ndjson', '--partial');

    expect(whole).toMatchObject({ code: 1 });
    expect(whole.out).toContain('Broken at sequence 1: removed');
    expect(part).toMatchObject({ code: 0 });
    expect(part.out).toContain('Note: nothing is said about the records before 5.');
    expect(part.out).toContain('Note: no checkpoint lies among these records.');
  });

  it('verifies one event by its proof', async () => {
    const valid = await run(
      '--proof',
      'proof.json',
      '--checkpoint',
      'list.json',
      '--key',
      'key.json',
    );

    expect(valid).toMatchObject({ code: 0 });
    expect(valid.out).toContain('Record: 1 (event 0192f0c1-7a2b-7c3d-8e4f-000000000001)');
    expect(await run('--proof', 'lie.json')).toMatchObject({ code: 1 });
  });

  it.each([
    [['text.ndjson'], 'text.ndjson: Line 3 is no JSON.'],
    [['types.ndjson'], 'types.ndjson: Line 3: `sequence` is no whole number from 1 on.'],
    [['long.ndjson'], 'long.ndjson: Line 3 is too long.'],
    [['bytes.ndjson'], 'bytes.ndjson: It is not UTF-8, from line 1 on.'],
    [['none.ndjson'], 'none.ndjson: It cannot be read (ENOENT).'],
    [['empty.ndjson'], 'There is nothing to verify.'],
    [['export.ndjson', '--checkpoint', 'key.json'], 'key.json: This is no checkpoint.'],
    [
      ['export.ndjson', '--checkpoint', 'text.ndjson'],
      'text.ndjson: Line 1: This is no checkpoint.',
    ],
    [
      ['export.ndjson', '--checkpoint', 'nested.json'],
      'nested.json: The checkpoint is no JSON object.',
    ],
    [
      ['export.ndjson', '--key', 'one.json'],
      'one.json: The public key is no JWK of an Ed25519 key.',
    ],
    [['--proof', 'one.json'], 'one.json: `path` is no list of SHA-256 in lower-case hex.'],
    [['export.ndjson', '--unknown'], 'Usage: verify-audit'],
    [[], 'Usage: verify-audit'],
  ])('says of %j what cannot be read', async (args, message) => {
    const { code, out, error } = await run(...args);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toContain(message);
  });

  it('says how it is used', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, error: '' });
  });
});

/** Runs the command in this process, in the folder of the files. */
async function run(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const error = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const code = await main(
      args.map((each) => (/^[\w]+\.(nd)?json$/.test(each) ? at(each) : each)),
    );
    const told = (spy: typeof out): string => spy.mock.calls.map(([text]) => String(text)).join('');
    return { code, out: told(out), error: told(error) };
  } finally {
    out.mockRestore();
    error.mockRestore();
  }
}
