import { RequestInvalid } from '@tenantry/http';
import type { FieldError } from '@tenantry/kernel';
import { momentOf } from '../calendar.js';
import type { UsageEvent } from '../usage-event.js';
import {
  type Acceptance,
  idFlaw,
  labelsFlaw,
  meterFlaw,
  momentFlaw,
  nameFlaw,
  valueFlaw,
} from './event-rules.js';

export const EVENTS_MAX = 1_000;
const ERRORS_MAX = 20;

type Fields = Readonly<Record<string, unknown>>;
type Rule = (value: unknown, acceptance: Acceptance) => string | null;

const RULES: Readonly<Record<keyof UsageEvent, Rule>> = {
  id: idFlaw,
  meter: meterFlaw,
  value: valueFlaw,
  at: momentFlaw,
  resource: nameFlaw,
  actor: nameFlaw,
  labels: labelsFlaw,
};
const RULE_ENTRIES = Object.entries(RULES);

/**
 * Reads `{ "events": […] }`. Throws `RequestInvalid`, with up to twenty places.
 *
 * Written by hand and in one pass: class-validator takes longer over a thousand small objects than
 * PostgreSQL takes to store them.
 */
export function readEvents(body: unknown, acceptance: Acceptance): UsageEvent[] {
  const events = listOf(body);
  const errors: FieldError[] = [];
  const read = events.map((event, place) => {
    if (errors.length >= ERRORS_MAX) return null;
    const flaws = flawsOf(event, acceptance);
    errors.push(
      ...flaws.map(([field, message]) => ({ pointer: `/events/${place}${field}`, message })),
    );
    return flaws.length === 0 ? eventOf(event as Fields) : null;
  });
  if (errors.length > 0) throw new RequestInvalid(errors.slice(0, ERRORS_MAX));
  return read.filter((event) => event !== null);
}

function listOf(body: unknown): readonly unknown[] {
  if (!isFields(body)) throw refused('', 'must be a JSON object');
  const unknown = Object.keys(body).find((field) => field !== 'events');
  if (unknown !== undefined) throw refused(pointerTo(unknown), 'is not a field of this request');
  const { events } = body;
  if (!Array.isArray(events)) throw refused('/events', 'must be a list of events');
  if (events.length < 1 || events.length > EVENTS_MAX) {
    throw refused('/events', `must hold 1 to ${EVENTS_MAX} events`);
  }
  return events;
}

type Flaw = readonly [field: string, message: string];

function flawsOf(event: unknown, acceptance: Acceptance): readonly Flaw[] {
  if (!isFields(event)) return [['', 'must be a JSON object']];
  const flaws: Flaw[] = [];
  for (const [field, rule] of RULE_ENTRIES) {
    const message = rule(event[field], acceptance);
    if (message !== null) flaws.push([`/${field}`, message]);
  }
  for (const field in event) {
    if (!Object.hasOwn(RULES, field)) {
      flaws.push([pointerTo(field), 'is not a field of this request']);
    }
  }
  return flaws;
}

/** What the rules have let by. */
function eventOf({ id, meter, value, at, resource, actor, labels }: Fields): UsageEvent {
  return {
    id: id as string,
    meter: meter as string,
    value: value as number,
    at: momentOf(at as string) ?? 0,
    resource: (resource as string | undefined) ?? null,
    actor: (actor as string | undefined) ?? null,
    labels: (labels as UsageEvent['labels'] | undefined) ?? null,
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pointerTo(field: string): string {
  return `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function refused(pointer: string, message: string): RequestInvalid {
  return new RequestInvalid([{ pointer, message }]);
}
