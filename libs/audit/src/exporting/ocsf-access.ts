import type { AuditEventDto } from '../dto/audit-event.dto.js';
import type { OcsfRule } from './ocsf-rules.js';

/** A deed that gave somebody roles or grants, or took them. */
export interface ChangeOfAccess {
  readonly rule: Pick<OcsfRule, 'as' | 'activity'>;
  readonly privileges: readonly string[];
}

/** Changes of accounts that may be changes of what the account may do. */
const DEEDS = new Set(['member.changed', 'service_account.changed']);
const FIELDS = ['roles', 'grants'];

/** Null where somebody's account was changed otherwise, or something else was. */
export function changeOfAccess({ deed, changes }: AuditEventDto): ChangeOfAccess | null {
  if (!DEEDS.has(deed)) return null;
  const before = FIELDS.flatMap((field) => namesOf(changes[field]?.before));
  const after = FIELDS.flatMap((field) => namesOf(changes[field]?.after));
  const given = after.filter((name) => !before.includes(name));
  const taken = before.filter((name) => !after.includes(name));
  // One event has one activity: what was taken along stands among the changes.
  if (given.length > 0) return changed('Assign Privileges', given);
  return taken.length > 0 ? changed('Revoke Privileges', taken) : null;
}

function changed(activity: string, privileges: readonly string[]): ChangeOfAccess {
  return { rule: { as: 'access', activity }, privileges };
}

/** Roles by their names; a grant by its role and the resource that it is for. */
function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(nameOf) : [];
}

function nameOf(given: unknown): string {
  if (typeof given === 'string') return given;
  const { role, resource } = Object(given) as Readonly<Record<string, unknown>>;
  return `${String(role)} on ${String(resource)}`;
}
