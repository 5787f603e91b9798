import { get, type IncomingMessage } from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type Answer, itemsOf, textOf } from './send.js';
import { type VaultTenant, VaultWorld } from './vault-world.js';
import { answeredWith } from './world.js';

const LASTS_SECONDS = 15 * 60;
/** So often a reader is asked in again. */
const READMITTED_EVERY_SECONDS = 1;
const TAILS_MAX = 20;

type Event = Readonly<Record<string, unknown>>;

/** One server-sent event. */
interface Told {
  readonly id?: string;
  readonly event?: string;
  readonly data?: Event;
  readonly retry?: string;
}

/** A tail over HTTP, on a connection of its own. */
class Listener {
  readonly #text: AsyncIterator<string>;
  #heard = '';

  private constructor(readonly answer: IncomingMessage) {
    this.#text = answer.setEncoding('utf8')[Symbol.asyncIterator]();
  }

  static async open(url: string, token: string, headers: object = {}): Promise<Listener> {
    const asked = { headers: { authorization: `Bearer ${token}`, ...headers }, agent: false };
    return new Promise((resolve, reject) => {
      get(url, asked, (answer) => {
        resolve(new Listener(answer));
      }).on('error', reject);
    });
  }

  /** The next event that is one; null: there are no more. */
  async next(): Promise<Told | null> {
    let end = this.#heard.indexOf('\n\n');
    while (end < 0) {
      if (!(await this.#more())) return null;
      end = this.#heard.indexOf('\n\n');
    }
    const told = toldIn(this.#heard.slice(0, end));
    this.#heard = this.#heard.slice(end + 2);
    return told.event === undefined ? this.next() : told;
  }

  /** So many events. */
  async hear(times: number): Promise<(Told | null)[]> {
    const heard: (Told | null)[] = [];
    while (heard.length < times) heard.push(await this.next());
    return heard;
  }

  async rest(): Promise<Told[]> {
    const heard: Told[] = [];
    for (let told = await this.next(); told !== null; told = await this.next()) heard.push(told);
    return heard;
  }

  leave(): void {
    this.answer.destroy();
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#text.next();
    if (done === true) return false;
    this.#heard += value;
    return true;
  }
}

function toldIn(text: string): Told {
  const fields = text
    .split('\n')
    .filter((line) => !line.startsWith(':'))
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const);
  const { data, ...rest } = Object.fromEntries(fields);
  return { ...rest, ...(data === undefined ? {} : { data: JSON.parse(data) as Event }) };
}

describe('a trail', () => {
  let world: VaultWorld;
  let tenant: VaultTenant;
  let names = 0;

  beforeAll(async () => {
    world = await VaultWorld.start();
    tenant = await world.tenant();
  });
  afterAll(() => world.close());

  /** Puts one deed on the tenant's record; answers what it is known by. */
  async function rename(of = tenant): Promise<string> {
    const displayName = `Name ${(names += 1)}`;
    answeredWith(200, await of.root.ask('PATCH', of.at, { displayName }));
    return displayName;
  }
  const eventsOf = ({ text }: Answer): Event[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
  const tailOf = (query = '', headers: object = {}, token = tenant.token): Promise<Listener> =>
    Listener.open(`${world.world.api.url}${tenant.at}/audit/tail${query}`, token, headers);
  const namesOf = (heard: readonly (Told | null)[]): unknown[] =>
    heard.map((told) => {
      const { displayName } = (told?.data?.['changes'] ?? {}) as Readonly<Record<string, Event>>;
      return displayName?.['after'];
    });

  describe('that is exported', () => {
    it('is whole and in its order, and its export is on record', async () => {
      await rename();
      const before = itemsOf(await tenant.root.get(`${tenant.at}/audit/events?limit=200`));

      const answer = await tenant.root.get(`${tenant.at}/audit/export`);

      expect(answer).toMatchObject({
        status: 200,
        headers: {
          'content-type': 'application/x-ndjson',
          'content-disposition': `attachment; filename="audit-${tenant.slug}-1-${before.length}.ndjson"`,
          'tenantry-trail-sequence': String(before.length),
        },
      });
      expect(eventsOf(answer)).toEqual(before.toReversed());
      const [newest] = itemsOf(await tenant.root.get(`${tenant.at}/audit/events?limit=1`));
      expect(newest).toMatchObject({
        deed: 'audit.exported',
        target: { kind: 'audit', id: tenant.id },
        changes: { toSequence: { after: before.length }, format: { after: 'tenantry' } },
      });
    });

    it('is told in OCSF, and in part, to whoever asks for that', async () => {
      const name = await rename();
      const query = 'format=ocsf&deed=tenant.changed&fromSequence=2';

      const answer = await tenant.root.get(`${tenant.at}/audit/export?${query}`);

      expect(eventsOf(answer).at(-1)).toMatchObject({
        class_uid: 3004,
        metadata: { event_code: 'tenant.changed', tenant_uid: tenant.id },
        unmapped: { changes: { displayName: { after: name } } },
      });
      expect(answer.headers['content-disposition']).toMatch(/\.ocsf\.ndjson"$/);
    });

    it('is kept from strangers, and from whoever may only read it', async () => {
      const stranger = await world.tenant();
      const viewer = await world.serviceToken(tenant.at, ['viewer']);
      const route = `${tenant.at}/audit/export`;

      expect(await stranger.root.get(route)).toMatchObject({
        ...{ status: 403, json: { code: 'access.tenant_mismatch' } },
      });
      expect(await world.voice(viewer).get(route)).toMatchObject({
        ...{ status: 403, json: { code: 'access.permission_missing' } },
      });
      expect(await tenant.root.get(`${route}?format=csv`)).toMatchObject({ status: 422 });
      expect(await tenant.root.get('/v1/platform/audit/export')).toMatchObject({ status: 403 });
    });

    it('is the platform’s own for the platform', async () => {
      await world.platform.get('/v1/platform/audit/export');

      const answer = await world.platform.get('/v1/platform/audit/export?deed=audit.exported');

      expect(eventsOf(answer)).toMatchObject([{ deed: 'audit.exported', tenantId: null }]);
      expect(answer.headers['content-disposition']).toContain('"audit-platform-1-');
    });
  });

  describe('that is followed', () => {
    it('is told as it is written, from where it was asked for', async () => {
      const tail = await tailOf();
      const name = await rename();
      const told = await tail.next();

      const [newest] = itemsOf(await tenant.root.get(`${tenant.at}/audit/events?limit=1`));
      expect(told).toEqual({
        event: 'audit',
        id: String(newest?.['sequence']),
        data: newest,
      });
      expect(namesOf([told])).toEqual([name]);
      expect(tail.answer.headers['content-type']).toBe('text/event-stream');
      tail.leave();
    });

    it('goes on after the last event that was received, without loss or repetition', async () => {
      const first = await tailOf('?deed=tenant.changed');
      const heardFirst = await rename();
      const last = await first.next();
      first.leave();
      const missed = [await rename(), await rename()];

      const again = await tailOf('?deed=tenant.changed&after=0', {
        'last-event-id': last?.id ?? '',
      });
      const fresh = await rename();
      const heard = await again.hear(3);
      again.leave();
      const fromStart = await tailOf('?after=0');

      expect(namesOf([last])).toEqual([heardFirst]);
      expect(namesOf(heard)).toEqual([...missed, fresh]);
      expect(await fromStart.next()).toMatchObject({ id: '1', data: { deed: 'tenant.created' } });
      fromStart.leave();
    });

    it('tells only what was asked for', async () => {
      const tail = await tailOf('?deed=audit.exported');
      await rename();
      await tenant.root.get(`${tenant.at}/audit/export?toSequence=1`);

      expect(await tail.next()).toMatchObject({ data: { deed: 'audit.exported' } });
      tail.leave();
    });

    it('is the platform’s own for the platform', async () => {
      const url = `${world.world.api.url}/v1/platform/audit/tail?deed=audit.exported`;
      const tail = await Listener.open(url, world.world.api.adminToken);
      await world.platform.get('/v1/platform/audit/export');

      expect(await tail.next()).toMatchObject({ data: { tenantId: null } });
      tail.leave();
    });

    it('is kept from strangers and from whoever may not read it, and has twenty tails', async () => {
      const crowded = await world.tenant();
      const builder = await world.serviceToken(crowded.at, ['builder']);
      const url = `${world.world.api.url}${crowded.at}/audit/tail`;
      const statusOf = async (token: string, headers = {}): Promise<number> => {
        const tail = await Listener.open(url, token, headers);
        tail.leave();
        return tail.answer.statusCode ?? 0;
      };

      expect([await statusOf(tenant.token), await statusOf(builder)]).toEqual([403, 403]);
      expect(await statusOf(crowded.token, { 'last-event-id': 'x' })).toBe(422);
      const tails = await Promise.all(
        Array.from({ length: TAILS_MAX }, () => Listener.open(url, crowded.token)),
      );
      expect(tails.map(({ answer }) => answer.statusCode)).toEqual(Array(TAILS_MAX).fill(200));
      expect(await crowded.root.get(`${crowded.at}/audit/tail`)).toMatchObject({
        ...{ status: 429, json: { code: 'audit.too_many_streams' } },
      });
      for (const tail of tails) tail.leave();
    });

    it('ends with the account of whoever follows it', async () => {
      const asked = { name: 'auditor', roles: ['viewer'] };
      const made = await world.platform.post(`${tenant.at}/service-accounts`, asked);
      const account = answeredWith(201, made) as Parameters<VaultWorld['tokenOf']>[0];
      const tail = await tailOf('?deed=nothing.done', {}, await world.tokenOf(account));

      const path = `${tenant.at}/service-accounts/${textOf(made, 'id')}`;
      expect((await world.platform.post(`${path}/suspend`)).status).toBe(200);

      expect(await tail.rest()).toEqual([
        { event: 'end', data: { end: 'access.membership_missing' } },
      ]);
    });

    it('ends with a suspended tenant, and not with one that only may not be written', async () => {
      const other = await world.tenant();
      const url = `${world.world.api.url}${other.at}/audit/tail?deed=audit.exported`;
      const suspended = await Listener.open(url, other.token);

      answeredWith(200, await world.platform.post(`${other.at}/suspend`, { reason: 'unpaid' }));
      expect(await suspended.rest()).toEqual([
        { event: 'end', data: { end: 'tenants.suspended' } },
      ]);
      answeredWith(200, await world.platform.post(`${other.at}/resume`));
      const terminating = await Listener.open(url, other.token);
      await world.platform.ask('DELETE', other.at);
      // Its reader is asked in again before what is new is told.
      for (let round = 1; round <= 2; round += 1) {
        world.clock.advanceMonotonic(READMITTED_EVERY_SECONDS);
        answeredWith(403, await other.root.ask('PATCH', other.at, { displayName: 'Too late' }));
        expect((await other.root.get(`${other.at}/audit/export`)).status).toBe(200);
        expect(await terminating.next()).toMatchObject({ event: 'audit' });
      }
      world.clock.advanceMonotonic(LASTS_SECONDS);

      expect(await terminating.rest()).toEqual([
        { event: 'end', data: { end: 'audit.tail_ended' } },
      ]);
    });

    it('ends with the node that tells it, and does not keep it from stopping', async () => {
      const node = await world.node();
      const tail = await Listener.open(`${node.api.url}${tenant.at}/audit/tail`, tenant.token);

      await node.close();

      expect((await tail.rest()).at(-1)).toEqual({
        ...{ event: 'end', data: { end: 'audit.tail_ended' } },
      });
    });
  });
});
