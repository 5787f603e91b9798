import { Injectable } from '@nestjs/common';

import type { Actor, KnownPerson, RequestOrigin } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { AppConfig } from '@tenantry/config';
import type { PlatformTransaction } from '@tenantry/database';
import { PLATFORM_ID } from '@tenantry/kernel';
import type { OpenInvitation } from './invitation.js';

/** Puts on record who came in by an invitation. */
@Injectable()
export class InvitationRecords {
  constructor(
    private readonly audit: AuditTrail,
    private readonly config: AppConfig,
  ) {}

  accepted(
    tx: PlatformTransaction,
    { tenantId, id, memberId, email }: OpenInvitation,
    person: KnownPerson,
    origin: RequestOrigin,
  ): void {
    const isPlatform = tenantId === PLATFORM_ID;
    const actor = actorOf(person, this.config.publicUrl, isPlatform ? person.id : memberId);
    const doer = { actor, origin };
    const deed: Deed = {
      deed: 'invitation.accepted',
      target: { kind: 'invitation', id, name: email },
      changes: { memberId: { after: memberId } },
    };
    if (isPlatform) this.audit.recordOnPlatform(tx, doer, deed);
    else this.audit.recordUpon(tx, doer, tenantId, deed);
  }
}

/** The person who has just come in, by nothing but the invitation. */
function actorOf({ id, email, displayName }: KnownPerson, issuer: string, actorId: string): Actor {
  return {
    kind: 'person',
    id: actorId,
    issuer,
    subject: id,
    email,
    name: displayName,
    keyId: null,
    sessionId: null,
    personId: id,
    by: 'token',
    hasSecondFactor: false,
    isPlatform: false,
    isEngine: false,
    roles: [],
    permissions: new Set(),
    grants: [],
  };
}
