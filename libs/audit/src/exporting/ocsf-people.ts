import type { AuditActorDto, AuditTargetDto } from '../dto/audit-event.dto.js';

/** An object of the framework, as it is written down. */
export type OcsfObject = Readonly<Record<string, unknown>>;

/** Numbers of the framework for sorts of users; it has none for services. */
const USER = { type_id: 1, type: 'User' };
const ADMIN = { type_id: 2, type: 'Admin' };
const SYSTEM = { type_id: 3, type: 'System' };
const otherUser = (type: string): OcsfObject => ({ type_id: 99, type });

/** Whoever acted, as a user. */
export function actorUserOf(actor: AuditActorDto): OcsfObject {
  const { id, subject, keyId, email, name } = actor;
  return {
    uid: id,
    ...sortOfActor(actor),
    ...(name ? { name } : {}),
    ...(email ? { email_addr: email } : {}),
    ...(subject ? { uid_alt: subject } : {}),
    ...(keyId ? { credential_uid: keyId } : {}),
  };
}

/** Whoever was acted upon, as a user. */
export function personOf({ kind, id, name }: AuditTargetDto): OcsfObject {
  return { uid: id, ...sortOfTarget(kind), ...(name ? { name } : {}) };
}

function sortOfActor({ kind, isPlatform }: AuditActorDto): OcsfObject {
  if (kind === 'system') return SYSTEM;
  if (isPlatform) return ADMIN;
  return kind === 'service' ? otherUser(kind) : USER;
}

function sortOfTarget(kind: string): OcsfObject {
  if (kind.startsWith('platform_')) return ADMIN;
  return kind === 'member' || kind === 'person' ? USER : otherUser(kind);
}
