import { Readable } from 'node:stream';

import type { PipeTransform } from '@nestjs/common';

import { type Fields, isFields, momentOf, RequestInvalid, unknownFields } from '@tenantry/http';
import type { FieldError } from '@tenantry/kernel';
import type { Demand } from '../engine/quota-engine.js';
import { KIND, KIND_RULE } from '../limits/quota-kind.js';

export const DEMANDS_MAX = 100;
export const AMOUNT_MAX = 1_000_000_000;

const AMOUNT_MESSAGE = `must be an integer from 1 to ${AMOUNT_MAX}`;
const DEMAND_FIELDS = new Set(['kind', 'amount']);
const LINE_NAME = /^[\x21-\x7e]{1,255}$/;

/** What is to be spent, or checked. */
export interface Consumption {
  readonly demands: readonly Demand[];
  readonly check: boolean;
}

/** What is to be given back. */
export interface GivenBack {
  readonly demands: readonly Demand[];
  readonly spentAt: Date | null;
}

/**
 * Reads the body of a consumption by hand, in one pass: on this path class-validator would cost
 * more than the decision. Throws `RequestInvalid` with each wrong place.
 */
export class ConsumptionBody implements PipeTransform<unknown, Consumption | Readable> {
  transform(body: unknown): Consumption | Readable {
    return body instanceof Readable ? body : readConsumption(body);
  }
}

export class RefundBody implements PipeTransform<unknown, GivenBack> {
  transform(body: unknown): GivenBack {
    const errors: FieldError[] = [];
    const fields = fieldsOf(body, ['demands', 'spentAt'], errors);
    const demands = demandsOf(fields['demands'], errors);
    const { spentAt = null } = fields;
    const moment = typeof spentAt === 'string' ? momentOf(spentAt) : null;
    if (spentAt !== null && moment === null) {
      errors.push({ pointer: '/spentAt', message: 'must be a moment in time (ISO 8601)' });
    }
    if (errors.length > 0) throw new RequestInvalid(errors);
    return { demands, spentAt: moment === null ? null : new Date(moment) };
  }
}

/** One line of many: with a name for its answer, and a key where it is to count once. */
export interface ConsumptionLine extends Consumption {
  readonly id: string | null;
  readonly key: string | null;
  /** What is wrong with it; where anything is, nothing of it counts. */
  readonly errors: readonly FieldError[];
}

export function readConsumptionLine(line: string): ConsumptionLine {
  const errors: FieldError[] = [];
  const body = parsed(line);
  const { id = null, key = null, ...rest } = isFields(body) ? body : {};
  for (const [name, value] of Object.entries({ id, key })) {
    if (value !== null && !(typeof value === 'string' && LINE_NAME.test(value))) {
      errors.push({ pointer: `/${name}`, message: 'must be 1 to 255 printable ASCII characters' });
    }
  }
  const consumption = consumptionOf(isFields(body) ? rest : body, errors);
  return { id: nameOf(id), key: nameOf(key), errors, ...consumption };
}

export function readConsumption(body: unknown): Consumption {
  const errors: FieldError[] = [];
  const consumption = consumptionOf(body, errors);
  if (errors.length > 0) throw new RequestInvalid(errors);
  return consumption;
}

function consumptionOf(body: unknown, errors: FieldError[]): Consumption {
  const fields = fieldsOf(body, ['demands', 'check'], errors);
  const demands = demandsOf(fields['demands'], errors);
  const { check = false } = fields;
  if (typeof check !== 'boolean') errors.push({ pointer: '/check', message: 'must be a boolean' });
  return { demands, check: check === true };
}

function fieldsOf(body: unknown, known: readonly string[], errors: FieldError[]): Fields {
  if (!isFields(body)) {
    errors.push({ pointer: '', message: 'must be a JSON object' });
    return {};
  }
  errors.push(...unknownFields(body, (name) => known.includes(name)));
  return body;
}

function demandsOf(given: unknown, errors: FieldError[]): readonly Demand[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > DEMANDS_MAX) {
    errors.push({ pointer: '/demands', message: `must hold 1 to ${DEMANDS_MAX} demands` });
    return [];
  }
  const demands: Demand[] = [];
  for (let index = 0; index < given.length && errors.length < DEMANDS_MAX; index += 1) {
    const item: unknown = given[index];
    const found = errors.length;
    readDemand(item, `/demands/${index}`, errors);
    // What was found right has this shape.
    if (errors.length === found) demands.push(item as Demand);
  }
  return demands;
}

function readDemand(item: unknown, pointer: string, errors: FieldError[]): void {
  if (!isFields(item)) {
    errors.push({ pointer, message: 'must be a JSON object' });
    return;
  }
  const { kind, amount } = item;
  if (typeof kind !== 'string' || !KIND.test(kind)) {
    errors.push({ pointer: `${pointer}/kind`, message: KIND_RULE });
  }
  if (!Number.isSafeInteger(amount) || Number(amount) < 1 || Number(amount) > AMOUNT_MAX) {
    errors.push({ pointer: `${pointer}/amount`, message: AMOUNT_MESSAGE });
  }
  errors.push(...unknownFields(item, (name) => DEMAND_FIELDS.has(name), pointer));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new RequestInvalid([{ pointer: '', message: 'must be one JSON object' }]);
  }
}

function nameOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
