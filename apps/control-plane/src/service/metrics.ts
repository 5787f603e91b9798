import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import fastify, { type FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import { AppConfig } from '@tenantry/config';
import { ChangeFeed, Database } from '@tenantry/database';
import { IssuerCensus, Validator } from '@tenantry/issuers';
import { DecisionMetrics } from './decision-metrics.js';
import { QuotaMetrics } from './quota-metrics.js';
import { VaultMetrics } from './vault-metrics.js';

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** What one answered request tells. Routes are patterns, never what a caller wrote. */
export interface RequestMeasure {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Counts what happens, and shows it on a port of its own (Prometheus text format). */
@Injectable()
export class Metrics implements OnModuleInit, OnModuleDestroy {
  readonly #registry = new Registry();
  readonly #requests = new Histogram({
    name: 'tenantry_http_request_seconds',
    help: 'Time to answer a request.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [this.#registry],
  });
  readonly #refusals = new Counter({
    name: 'tenantry_refusals_total',
    help: 'Requests that were refused, by code.',
    labelNames: ['code'],
    registers: [this.#registry],
  });
  #server: FastifyInstance | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly database: Database,
    private readonly feed: ChangeFeed,
    private readonly census: IssuerCensus,
    private readonly validator: Validator,
    vault: VaultMetrics,
    quotas: QuotaMetrics,
    decisions: DecisionMetrics,
  ) {
    this.#observeFeed();
    this.#observeCrossings();
    this.#observeIssuers();
    vault.observe(this.#registry);
    quotas.observe(this.#registry);
    decisions.observe(this.#registry);
  }

  async onModuleInit(): Promise<void> {
    const { metricsPort: port, metricsHost: host } = this.config;
    if (port === null) return;
    collectDefaultMetrics({ register: this.#registry });
    this.#server = fastify();
    this.#server.get('/metrics', async (_, reply) => {
      void reply.type(this.#registry.contentType);
      return this.#registry.metrics();
    });
    await this.#server.listen({ port, host });
  }

  async onModuleDestroy(): Promise<void> {
    await this.#server?.close();
  }

  answered({ method, route, status, seconds }: RequestMeasure): void {
    this.#requests.observe({ method, route, status }, seconds);
  }

  refused(code: string): void {
    this.#refusals.inc({ code });
  }

  #observeFeed(): void {
    const { feed } = this;
    new Gauge({
      name: 'tenantry_feed_trusted',
      help: 'Whether this node hears of changes (1), or reads through its caches (0).',
      registers: [this.#registry],
      collect() {
        this.set(feed.isTrusted ? 1 : 0);
      },
    });
    new Gauge({
      name: 'tenantry_feed_revision',
      help: 'The newest revision that this node enforces.',
      registers: [this.#registry],
      collect() {
        this.set(Number(feed.revision));
      },
    });
  }

  #observeIssuers(): void {
    const { census, validator } = this;
    new Gauge({
      name: 'tenantry_issuers',
      help: 'Issuers of all tenants by state; `off` is switched off. At most a minute old.',
      labelNames: ['state'],
      registers: [this.#registry],
      async collect() {
        const counts = await census.byState();
        this.reset();
        for (const { state, count } of counts) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'tenantry_issuer_checks',
      help: 'Checks of issuers by this node since its start, by verdict.',
      labelNames: ['verdict'],
      registers: [this.#registry],
      collect() {
        for (const [verdict, count] of validator.counts) this.set({ verdict }, count);
      },
    });
  }

  #observeCrossings(): void {
    const { database } = this;
    new Gauge({
      name: 'tenantry_database_crossings',
      help: 'Uses of the door across tenants since the start, by reason.',
      labelNames: ['reason'],
      registers: [this.#registry],
      collect() {
        for (const [reason, count] of database.crossings) this.set({ reason }, count);
      },
    });
  }
}
