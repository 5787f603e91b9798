import { Readable } from 'node:stream';

import type { FastifyReply, FastifyRequest } from 'fastify';

import type { FieldError } from '@tenantry/kernel';
import { RequestInvalid } from '../request.errors.js';
import { pointerOf } from './json-pointer.js';

const DEPTH_MAX = 32;
/**
 * Values in one request: to validate as many takes some 0.2 s, in which nobody else is served. A
 * route that validates its body faster allows more: `@RouteConfig({ valuesMax })`.
 */
const VALUES_MAX = 5_000;

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly valuesMax?: number;
  }
}

// PostgreSQL stores neither NUL nor half a surrogate pair in text or jsonb.
const UNSTORABLE = /\0|\p{Surrogate}/u;

// class-transformer drops fields of these names without a word, where unknown ones are refused.
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
]);

/** Refuses, before any route and for all of them, what no DTO can say and no table can hold. */
export function refuseUnfitShape(
  { params, query, body, routeOptions }: FastifyRequest,
  _reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  // Lines that are still to come are looked at one by one.
  const whole = body instanceof Readable ? undefined : body;
  const { valuesMax } = routeOptions.config;
  const flaw = findFlaw(params) ?? findFlaw(query) ?? findFlaw(whole, valuesMax);
  done(flaw ? new RequestInvalid([flaw]) : undefined);
}

/** The first place that is unfit, or `null`. */
export function findFlaw(value: unknown, valuesMax = VALUES_MAX): FieldError | null {
  const budget = { values: valuesMax, valuesMax };
  return flawAt([], value, budget);
}

type Path = readonly string[];

interface Budget {
  values: number;
  readonly valuesMax: number;
}

function flawAt(path: Path, value: unknown, budget: Budget): FieldError | null {
  budget.values -= 1;
  const message = flawOf(value) ?? sizeFlaw(path, budget);
  if (message) return { pointer: pointerOf(path), message };
  return typeof value === 'object' && value !== null ? flawWithin(path, value, budget) : null;
}

function flawWithin(path: Path, holder: object, budget: Budget): FieldError | null {
  for (const [name, value] of Object.entries(holder)) {
    const flaw = placeFlaw(path, name, holder) ?? flawAt([...path, name], value, budget);
    if (flaw) return flaw;
  }
  return null;
}

function flawOf(value: unknown): string | null {
  if (typeof value === 'string' && UNSTORABLE.test(value)) {
    return 'must not hold the character NUL or half a surrogate pair';
  }
  // JSON.parse makes Infinity of 1e999.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'must be a finite number';
  return null;
}

function sizeFlaw(path: Path, { values, valuesMax }: Budget): string | null {
  if (values < 0) return `must hold at most ${valuesMax} values`;
  return path.length > DEPTH_MAX ? `must be nested at most ${DEPTH_MAX} levels deep` : null;
}

function placeFlaw(path: Path, name: string, holder: object): FieldError | null {
  if (Array.isArray(holder)) return itemFlaw([...path, name], holder[Number(name)]);
  if (!RESERVED_NAMES.has(name) && !UNSTORABLE.test(name)) return null;
  return { pointer: pointerOf(path), message: 'holds a field whose name is not allowed' };
}

// class-validator passes nulls and lists by where a list of objects belongs; ours hold neither.
function itemFlaw(path: Path, item: unknown): FieldError | null {
  if (item !== null && !Array.isArray(item)) return null;
  return { pointer: pointerOf(path), message: 'must be neither null nor a list' };
}
