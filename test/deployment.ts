import { createTestDatabase, type DatabaseCopy } from '@tenantry/testing';
import { ControlPlaneProcess } from './control-plane-process.js';
import { type Answer, send } from './send.js';
import { TcpProxy } from './tcp-proxy.js';

const ADMIN = { clientId: 'platform-admin', clientSecret: 'a-secret-for-tests-alone-0123456789' };

/** What every node of one deployment is told. */
const SHARED = {
  LOG_LEVEL: 'error',
  PUBLIC_URL: 'http://tenantry.test',
  TENANTRY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  TENANTRY_ADMIN_CLIENT_ID: ADMIN.clientId,
  TENANTRY_ADMIN_CLIENT_SECRET: ADMIN.clientSecret,
  ALLOW_INSECURE_ISSUERS: 'loopback',
  THROTTLE_ACTOR_PER_SECOND: '0',
  THROTTLE_TENANT_PER_SECOND: '0',
};

/** One node, and its ways to PostgreSQL. */
export interface Node {
  readonly name: string;
  readonly running: ControlPlaneProcess;
  /** By which it asks and writes. */
  readonly database: TcpProxy;
  /** By which it is told of changes. */
  readonly hints: TcpProxy;
}

/** Three processes on one database. */
export class Deployment {
  private constructor(
    readonly copy: DatabaseCopy,
    readonly nodes: readonly [Node, Node, Node],
    private readonly adminToken: string,
  ) {}

  static async start(): Promise<Deployment> {
    const copy = await createTestDatabase();
    const [first, ...others] = await Promise.all([
      startNode('node 1', copy),
      startNode('node 2', copy),
      startNode('node 3', copy),
    ]);
    const [second, third] = others;
    return new Deployment(copy, [first, second, third], await first.running.token(ADMIN));
  }

  /** The nodes that hear of a change by the feed alone. */
  get others(): readonly [Node, Node] {
    const [, second, third] = this.nodes;
    return [second, third];
  }

  /** A change by the platform admin, through the first node. */
  async change(path: string, body?: object): Promise<Answer> {
    const [first] = this.nodes;
    const answer = await send(first.running.url, {
      method: 'POST',
      path,
      token: this.adminToken,
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 300) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
    return answer;
  }

  async close(): Promise<void> {
    await ControlPlaneProcess.endAll();
    const proxies = this.nodes.flatMap(({ database, hints }) => [database, hints]);
    await Promise.all(proxies.map((proxy) => proxy.cut()));
    await this.copy.drop();
  }
}

async function startNode(name: string, { url }: DatabaseCopy): Promise<Node> {
  const [database, hints] = await Promise.all([TcpProxy.to(url), TcpProxy.to(url)]);
  const settings = { ...SHARED, DATABASE_URL: database.url, DATABASE_DIRECT_URL: hints.url };
  return { name, database, hints, running: await ControlPlaneProcess.start({ settings }) };
}

/** What a node answers to the bearer of a token. */
export async function statusAt({ running }: Node, token: string): Promise<number> {
  const { status } = await send(running.url, { method: 'GET', path: '/v1/me', token });
  return status;
}

/** Whether a node hears of changes, as it tells its balancer. */
export async function feedOf({ running }: Node): Promise<unknown> {
  const { json } = await send(running.url, { method: 'GET', path: '/readyz' });
  return (json as { readonly checks?: { readonly feed?: unknown } } | undefined)?.checks?.feed;
}

/** The newest change that a node enforces, as it says itself. */
export async function revisionOf({ running }: Node): Promise<number> {
  const metrics = await fetch(running.metricsUrl).then((answer) => answer.text());
  return Number(/^tenantry_feed_revision (\d+)$/m.exec(metrics)?.[1]);
}
