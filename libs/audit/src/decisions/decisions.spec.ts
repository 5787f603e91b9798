import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';

import {
  Caller,
  MembershipMissing,
  TenantMismatch,
  type TenantState,
  TokenInvalid,
} from '@tenantry/access';
import { readConfig } from '@tenantry/config';
import { DatabaseUnavailable } from '@tenantry/database';
import { DomainError, PLATFORM_ID } from '@tenantry/kernel';
import { craftToken, newSigningKey, TestClock } from '@tenantry/testing';
import { actorOf } from '../doers.js';
import { Decisions } from './decisions.js';
import { ReceiptWriter } from './receipt-writer.js';
import type { ReceiptRow, ReceiptsRepository } from './receipts.repository.js';
import type { DecidedRequest } from './steps.js';

const ACME: TenantState = { id: 't1', slug: 'acme', status: 'active', requiresSecondFactor: false };
const { privateKey } = await newSigningKey('EdDSA');

class NotThere extends DomainError {
  readonly code = 'things.not_found';
  readonly kind = 'not_found';
}

/** Takes receipts as the table does, unless told to fail. */
class Kept {
  readonly rows: ReceiptRow[] = [];
  readonly batches: number[] = [];
  fault: Error | null = null;

  insert(rows: readonly ReceiptRow[]): Promise<void> {
    if (this.fault) return Promise.reject(this.fault);
    this.batches.push(rows.length);
    this.rows.push(...rows);
    return Promise.resolve();
  }
}

function callerOf(id: string, tenant: TenantState | null = ACME): Caller {
  const actor = actorOf({ kind: 'service', id, issuer: 'https://a.example', subject: id });
  return new Caller(actor, tenant, { requestId: 'r', ip: '', userAgent: null });
}

const PUBLIC: DecidedRequest = {
  id: 'request-1',
  method: 'GET',
  headers: {},
  params: {},
  routeOptions: { url: '/v1/me', method: 'GET', bodyLimit: 0 } as never,
};
const aRequest = (given: Partial<DecidedRequest> = {}): DecidedRequest => ({
  ...PUBLIC,
  access: { kind: 'actor' },
  ...given,
});

describe('receipts', () => {
  let kept: Kept;
  let clock: TestClock;
  let writer: ReceiptWriter;
  let decisions: Decisions;

  beforeEach(() => {
    kept = new Kept();
    clock = new TestClock();
    // Nothing but `insert` is called of it.
    writer = new ReceiptWriter(kept as unknown as ReceiptsRepository);
    decisions = new Decisions(writer, clock, readConfig({}));
  });

  const refuse = (given: Partial<DecidedRequest>, error: unknown = new TenantMismatch()): void => {
    decisions.noteRefusal(aRequest(given), error, 403);
  };

  it('say what was refused, when, and with what', async () => {
    refuse({ caller: callerOf('m1') });
    await writer.flush();

    expect(kept.rows).toEqual([
      {
        tenantId: 't1',
        id: expect.any(String),
        requestId: 'request-1',
        at: new Date('2026-01-01T00:00:00.000Z'),
        receipt: expect.any(String),
      },
    ]);
    expect(JSON.parse(kept.rows[0]?.receipt ?? '')).toMatchObject({
      requestId: 'request-1',
      at: '2026-01-01T00:00:00.000Z',
      method: 'GET',
      route: '/v1/me',
      outcome: 'refused',
      status: 403,
      code: 'access.tenant_mismatch',
    });
  });

  it('are their callers’ own tenant’s, and the platform’s of everybody else', async () => {
    const { actor: vouched } = callerOf('m1');
    refuse({ caller: callerOf('m1'), params: { tenant: 'globex' } });
    refuse({ caller: callerOf('root', null), params: { tenant: 'globex' } });
    refuse({}, new TokenInvalid('malformed'));
    refuse({}, new MembershipMissing({ tenant: ACME, vouched, evidence: null }));
    await writer.flush();

    expect(kept.rows.map(({ tenantId }) => tenantId)).toEqual([
      't1',
      PLATFORM_ID,
      PLATFORM_ID,
      't1',
    ]);
  });

  it('are made of no other failure, and of no route that lets anyone by', async () => {
    refuse({ caller: callerOf('m1') }, new NotThere('There is none.'));
    refuse({ caller: callerOf('m1') }, new Error('Broken.'));
    decisions.noteRefusal(PUBLIC, new TokenInvalid('malformed'), 401);
    await writer.flush();

    expect(kept.rows).toEqual([]);
  });

  it('hold texts of strangers in a form that can be stored', async () => {
    const payload = { iss: `a\0b\ud800${'c'.repeat(400)}` };
    const token = craftToken({ header: { alg: 'EdDSA', kid: '\0' }, payload, key: privateKey });
    refuse({ headers: { authorization: `Bearer ${token}` } }, new TokenInvalid('unknown_key'));
    await writer.flush();

    expect(JSON.parse(kept.rows[0]?.receipt ?? '')).toMatchObject({
      steps: [
        {},
        { step: 'issuer', issuer: `a\ufffdb\ufffd${'c'.repeat(296)}` },
        { step: 'key', keyId: '\ufffd' },
      ],
    });
  });

  describe('in a flood', () => {
    const times = (count: number, act: (n: number) => void): void => {
      for (let n = 0; n < count; n += 1) act(n);
    };

    it('are kept of an actor up to a number, by the minute; of what is let by apart', async () => {
      times(605, () => {
        refuse({ caller: callerOf('m1') });
      });
      decisions.noteAllowed(aRequest({ caller: callerOf('m1') }), 200);
      refuse({ caller: callerOf('m2') });
      await writer.flush();
      clock.advance(60_000);
      refuse({ caller: callerOf('m1') });
      await writer.flush();

      expect(kept.rows).toHaveLength(603);
      expect(decisions.dropped).toBe(5);
    });

    it('are kept of a tenant up to a number, however many actors it has', async () => {
      times(6_100, (n) => {
        refuse({ caller: callerOf(`m${n}`) });
      });
      await writer.flush();

      expect(kept.rows).toHaveLength(6_000);
      expect(decisions.dropped).toBe(100);
    });

    it('are kept of all who are unknown up to a number, and of the known still', async () => {
      times(2_100, () => {
        refuse({}, new TokenInvalid('malformed'));
      });
      refuse({ caller: callerOf('m1') });
      await writer.flush();

      expect(kept.rows).toHaveLength(2_001);
      expect(Math.max(...kept.batches)).toBe(500);
    });

    it('wait for a database that is away, as many as the queue holds, and are dropped where it refuses', async () => {
      const row = { tenantId: 't1', id: 'a', requestId: 'r', at: new Date(0), receipt: '{}' };
      Logger.overrideLogger(false);
      kept.fault = new DatabaseUnavailable();
      times(10_010, () => {
        writer.add(row);
      });
      await writer.flush();
      const droppedMeanwhile = decisions.dropped;
      kept.fault = null;
      await writer.flush();
      kept.fault = new Error('No such table.');
      writer.add(row);
      await writer.flush();

      expect(droppedMeanwhile).toBe(10);
      expect(kept.rows).toHaveLength(10_000);
      expect(decisions.dropped).toBe(11);
    });
  });
});
