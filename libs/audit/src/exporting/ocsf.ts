import type { AuditEventDto } from '../dto/audit-event.dto.js';
import {
  activityId,
  CLASSES,
  OCSF_VERSION,
  type OcsfClass,
  type OcsfRule,
  ruleOf,
  severityId,
} from './ocsf-rules.js';
import { changeOfAccess } from './ocsf-access.js';
import { actorUserOf, type OcsfObject } from './ocsf-people.js';
import { PRODUCT, subjectOf } from './ocsf-subject.js';

/** The classes that know who acts only by this profile. */
const PROFILES: Partial<Record<OcsfClass, readonly string[]>> = { access: ['host'] };

/**
 * An event in the words of the Open Cybersecurity Schema Framework; `docs/audit/ocsf.md` tells which.
 * What the framework has no place for stands under `unmapped`, so that nothing is lost.
 */
export function ocsfOf(event: AuditEventDto): OcsfObject {
  const access = changeOfAccess(event);
  const rule: OcsfRule = access ? { ...ruleOf(event.deed), ...access.rule } : ruleOf(event.deed);
  return {
    ...classOf(rule),
    ...resultOf(event, rule),
    time: Date.parse(event.at),
    message: messageOf(event),
    count: event.count,
    metadata: metadataOf(event, rule.as),
    actor: actorOf(event),
    ...originOf(event),
    ...subjectOf(event, rule.as, access?.privileges),
    unmapped: unmappedOf(event),
  };
}

function classOf({ as, activity }: OcsfRule): OcsfObject {
  const { uid, name } = CLASSES[as];
  const category = Math.floor(uid / 1_000);
  const activity_id = activityId(as, activity);
  return {
    category_uid: category,
    category_name: category === 3 ? 'Identity & Access Management' : 'Application Activity',
    class_uid: uid,
    class_name: name,
    activity_id,
    activity_name: activity,
    type_uid: uid * 100 + activity_id,
    type_name: `${name}: ${activity}`,
  };
}

function resultOf({ outcome, reason }: AuditEventDto, rule: OcsfRule): OcsfObject {
  const isDone = outcome === 'done';
  const severity = !isDone && rule.severity === 'Informational' ? 'Low' : rule.severity;
  return {
    severity_id: severityId(severity),
    severity,
    status_id: isDone ? 1 : 2,
    status: isDone ? 'Success' : 'Failure',
    ...(reason === null ? {} : { status_detail: reason }),
  };
}

function metadataOf(event: AuditEventDto, as: OcsfClass): OcsfObject {
  const { id, requestId, sequence, tenantId, deed, at } = event;
  return {
    version: OCSF_VERSION,
    product: PRODUCT,
    uid: id,
    sequence,
    event_code: deed,
    original_time: at,
    log_name: 'audit',
    ...(PROFILES[as] ? { profiles: PROFILES[as] } : {}),
    ...(requestId === null ? {} : { correlation_uid: requestId }),
    ...(tenantId === null ? {} : { tenant_uid: tenantId }),
  };
}

function actorOf({ actor }: AuditEventDto): OcsfObject {
  const { issuer, sessionId } = actor;
  return {
    user: actorUserOf(actor),
    ...(issuer === undefined ? { app_name: PRODUCT.name } : { idp: { name: issuer } }),
    ...(sessionId ? { session: { uid: sessionId } } : {}),
  };
}

/** What came from nowhere, or from where was erased, is told as of the service itself: a source is required. */
function originOf({ ip, userAgent }: AuditEventDto): OcsfObject {
  return {
    src_endpoint: ip === null ? { svc_name: PRODUCT.name } : { ip },
    ...(userAgent === null ? {} : { http_request: { user_agent: userAgent } }),
  };
}

function unmappedOf(event: AuditEventDto): OcsfObject {
  const { v, outcome, target, changes, hash, previousHash, commitments, actor } = event;
  const { kind, isPlatform = false } = actor;
  return {
    v,
    outcome,
    actor: { kind, isPlatform },
    target,
    changes,
    hash,
    previousHash,
    commitments,
  };
}

function messageOf({ deed, outcome, actor, target }: AuditEventDto): string {
  return `${deed} (${outcome}) by ${actor.kind} ${actor.id} upon ${target.kind} ${target.id}`;
}
