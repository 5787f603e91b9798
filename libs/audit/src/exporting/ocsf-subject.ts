import type { AuditEventDto } from '../dto/audit-event.dto.js';
import { actorUserOf, type OcsfObject, personOf } from './ocsf-people.js';
import type { OcsfClass } from './ocsf-rules.js';

/** Who tells of it all. */
export const PRODUCT = { name: 'Tenantry', vendor_name: 'Tenantry' };

type Subject = (event: AuditEventDto, privileges?: readonly string[]) => OcsfObject;

const SUBJECTS: Readonly<Record<OcsfClass, Subject>> = {
  account: ({ target }) => ({ user: personOf(target) }),
  // Whoever breaks the glass gives themselves what they may do then.
  access: ({ target, actor }, privileges) =>
    privileges
      ? { user: personOf(target), privileges }
      : { user: actorUserOf(actor), privileges: [target.kind], resource: thingOf(target) },
  authentication: ({ actor, target, changes }) => ({
    user: actorUserOf(actor),
    service: { name: PRODUCT.name },
    is_remote: true,
    ...(target.kind === 'session' ? { session: { uid: target.id } } : {}),
    ...secondFactorOf(changes['secondFactor']?.after),
  }),
  entity: ({ target }) => ({ entity: thingOf(target) }),
  api: ({ deed, target }) => ({
    // A refusal names the route that refused: what was called.
    api: { operation: target.kind === 'route' ? target.id : deed },
    resources: [thingOf(target)],
  }),
};

/** What each class asks for of whom or what it was done to. */
export function subjectOf(
  event: AuditEventDto,
  as: OcsfClass,
  privileges?: readonly string[],
): OcsfObject {
  return SUBJECTS[as](event, privileges);
}

function thingOf({ kind, id, name }: AuditEventDto['target']): OcsfObject {
  return { uid: id, type: kind, ...(name === null ? {} : { name }) };
}

function secondFactorOf(shown: unknown): OcsfObject {
  return typeof shown === 'boolean' ? { is_mfa: shown } : {};
}
