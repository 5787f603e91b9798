import { type Fields, isFields, momentOf, RequestInvalid, unknownFields } from '@tenantry/http';
import type { FieldError } from '@tenantry/kernel';
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
    const flaws = flawsOf(event, `/events/${place}`, acceptance);
    errors.push(...flaws);
    return flaws.length === 0 ? eventOf(event as Fields) : null;
  });
  if (errors.length > 0) throw new RequestInvalid(errors.slice(0, ERRORS_MAX));
  return read.filter((event) => event !== null);
}

function listOf(body: unknown): readonly unknown[] {
  if (!isFields(body)) throw refused('', 'must be a JSON object');
  const [unknown] = unknownFields(body, (field) => field === 'events');
  if (unknown) throw new RequestInvalid([unknown]);
  const { events } = body;
  if (!Array.isArray(events)) throw refused('/events', 'must be a list of events');
  if (events.length < 1 || events.length > EVENTS_MAX) {
    throw refused('/events', `must hold 1 to ${EVENTS_MAX} events`);
  }
  return events;
}

function flawsOf(event: unknown, pointer: string, acceptance: Acceptance): readonly FieldError[] {
  if (!isFields(event)) return [{ pointer, message: 'must be a JSON object' }];
  const flaws: FieldError[] = [];
  for (const [field, rule] of RULE_ENTRIES) {
    const message = rule(event[field], acceptance);
    if (message !== null) flaws.push({ pointer: `${pointer}/${field}`, message });
  }
  return [...flaws, ...unknownFields(event, (field) => Object.hasOwn(RULES, field), pointer)];
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

function refused(pointer: string, message: string): RequestInvalid {
  return new RequestInvalid([{ pointer, message }]);
}
