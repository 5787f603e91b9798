import { createSocket, type Socket } from 'node:dgram';

import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { SystemTxtResolver, TxtLookupFailed } from './txt-resolver.js';

const NAME = '_tenantry.acme.example';
const TIMEOUT_MS = 100;
const HEADER_BYTES = 12;
const TYPE_CLASS_BYTES = 4;
const [CNAME, TXT] = [5, 16];
const RCODE = { ok: 0, formatError: 1, serverFailure: 2, nameError: 3, refused: 5 } as const;

/** Where the name that was asked for stands in every message (RFC 1035 §4.1.4). */
const ASKED_NAME = Buffer.from([0xc0, HEADER_BYTES]);

/** What the name server sends to a query: messages, as bytes. */
type Reply = (query: Buffer) => readonly Buffer[];

describe('SystemTxtResolver', () => {
  const sockets: Socket[] = [];

  afterEach(async () => {
    await Promise.all(sockets.splice(0).map(closed));
  });

  /** A resolver that asks a name server of its own. */
  async function asking(reply: Reply): Promise<SystemTxtResolver> {
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.on('message', (query, { port, address }) => {
      for (const message of reply(query)) socket.send(message, port, address);
    });
    return resolverAt(await listening(socket));
  }

  it('joins the pieces of a record, and keeps records apart', async () => {
    const long = 'x'.repeat(255);
    const resolver = await asking((query) => [
      message(query, txt(['tenantry-', 'issuer=', '0123']), txt([long, long, 'y']), txt(['other'])),
    ]);

    const records = await resolver.resolve(NAME);

    expect(records).toEqual(['tenantry-issuer=0123', `${long}${long}y`, 'other']);
  });

  it('asks for TXT, by exactly the name', async () => {
    const asked = jest.fn<(name: string, type: number) => void>();
    const resolver = await asking((query) => {
      const question = questionOf(query);
      asked(nameIn(question), question.readUInt16BE(question.length - TYPE_CLASS_BYTES));
      return [message(query, txt(['here']))];
    });

    await resolver.resolve(NAME);

    expect(asked.mock.calls).toEqual([[NAME, TXT]]);
  });

  it('keeps a record without text, which is not none', async () => {
    const resolver = await asking((query) => [message(query, txt(['']))]);

    expect(await resolver.resolve(NAME)).toEqual(['']);
  });

  it('follows an alias of the name', async () => {
    const target = encodedName('proofs.acme.example');
    const resolver = await asking((query) => [
      message(query, record(CNAME, target), record(TXT, pieces(['by alias']), target)),
    ]);

    expect(await resolver.resolve(NAME)).toEqual(['by alias']);
  });

  it('takes no more than 100 records', async () => {
    const resolver = await asking((query) => [
      message(query, ...Array.from({ length: 101 }, (_, index) => txt([`record ${index}`]))),
    ]);

    const records = await resolver.resolve(NAME);

    expect(records).toHaveLength(100);
    expect([records[0], records[99]]).toEqual(['record 0', 'record 99']);
  });

  it('finds none where there is no such name', async () => {
    const resolver = await asking((query) => [failure(query, RCODE.nameError)]);

    expect(await resolver.resolve(NAME)).toEqual([]);
  });

  it('finds none where the name has records of other types alone', async () => {
    const resolver = await asking((query) => [message(query)]);

    expect(await resolver.resolve(NAME)).toEqual([]);
  });

  it('believes no answer to another question', async () => {
    const resolver = await asking((query) => {
      const forged = message(query, txt(['forged']));
      forged.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
      return [forged, message(query, txt(['honest']))];
    });

    expect(await resolver.resolve(NAME)).toEqual(['honest']);
  });

  it.each([
    ['SERVFAIL', RCODE.serverFailure, 'ESERVFAIL'],
    ['REFUSED', RCODE.refused, 'EREFUSED'],
    ['FORMERR', RCODE.formatError, 'EFORMERR'],
  ])('fails where the server answers %s', async (_, rcode, code) => {
    const resolver = await asking((query) => [failure(query, rcode)]);

    const error = await failureOf(resolver);

    expect(error).toBeInstanceOf(TxtLookupFailed);
    expect(error).toMatchObject({ cause: { code } });
  });

  it('fails where the server answers with what is no record', async () => {
    const resolver = await asking((query) => [
      // A piece that claims to be longer than its record.
      message(query, record(TXT, Buffer.from([200, 0x61]))),
    ]);

    expect(await failureOf(resolver)).toBeInstanceOf(TxtLookupFailed);
  });

  it('fails where no answer comes, after a second try', async () => {
    const queries = jest.fn();
    const resolver = await asking((query) => {
      queries(query);
      return [];
    });

    const error = await failureOf(resolver);

    expect(error).toBeInstanceOf(TxtLookupFailed);
    expect(error).toMatchObject({ cause: { code: 'ETIMEOUT' } });
    expect(queries).toHaveBeenCalledTimes(2);
  });

  it('finds by the second try what the first one lost', async () => {
    const answers = jest.fn<Reply>((query) => [message(query, txt(['late']))]);
    answers.mockReturnValueOnce([]);
    const resolver = await asking(answers);

    expect(await resolver.resolve(NAME)).toEqual(['late']);
  });

  it('fails where nobody listens', async () => {
    const socket = createSocket('udp4');
    const port = await listening(socket);
    await closed(socket);

    const error = await failureOf(resolverAt(port));

    expect(error).toBeInstanceOf(TxtLookupFailed);
    expect(error).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('fails for what can be no name, and asks nobody', async () => {
    const queries = jest.fn<Reply>(() => []);
    const resolver = await asking(queries);

    await expect(resolver.resolve(`${'x'.repeat(64)}.example`)).rejects.toThrow(TxtLookupFailed);

    expect(queries).not.toHaveBeenCalled();
  });
});

function resolverAt(port: number): SystemTxtResolver {
  return new SystemTxtResolver({ servers: [`127.0.0.1:${port}`], timeoutMs: TIMEOUT_MS });
}

async function failureOf(resolver: SystemTxtResolver): Promise<unknown> {
  return resolver.resolve(NAME).catch((error: unknown) => error);
}

function listening(socket: Socket): Promise<number> {
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', () => {
      resolve(socket.address().port);
    });
  });
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(resolve);
  });
}

/** An answer to the query, with these records (RFC 1035 §4.1). */
function message(query: Buffer, ...records: readonly Buffer[]): Buffer {
  return Buffer.concat([header(query, RCODE.ok, records.length), questionOf(query), ...records]);
}

function failure(query: Buffer, rcode: number): Buffer {
  return Buffer.concat([header(query, rcode, 0), questionOf(query)]);
}

function header(query: Buffer, rcode: number, answers: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt16BE(query.readUInt16BE(0), 0);
  // It is an answer; recursion was desired, and is available.
  bytes.writeUInt16BE(0x8180 | rcode, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt16BE(answers, 6);
  return bytes;
}

/** The question, as it was asked: name, type and class. */
function questionOf(query: Buffer): Buffer {
  const end = query.indexOf(0, HEADER_BYTES) + 1 + TYPE_CLASS_BYTES;
  return query.subarray(HEADER_BYTES, end);
}

function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 0; question.readUInt8(at) > 0; at += question.readUInt8(at) + 1) {
    labels.push(question.toString('latin1', at + 1, at + 1 + question.readUInt8(at)));
  }
  return labels.join('.');
}

function encodedName(name: string): Buffer {
  return Buffer.concat([pieces(name.split('.')), Buffer.from([0])]);
}

function txt(texts: readonly string[]): Buffer {
  return record(TXT, pieces(texts));
}

/** Each with its length before it. */
function pieces(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])),
  );
}

function record(type: number, content: Buffer, name: Buffer = ASKED_NAME): Buffer {
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(type, 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt32BE(60, 4);
  fields.writeUInt16BE(content.length, 8);
  return Buffer.concat([name, fields, content]);
}
