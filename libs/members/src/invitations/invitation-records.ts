import { Injectable } from '@nestjs/common';

import type { KnownPerson, RequestOrigin } from '@tenantry/access';
import { AuditTrail, doerOf, type KnownActor } from '@tenantry/audit';
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
    const actor = knownBy(person, this.config.publicUrl, isPlatform ? person.id : memberId);
    this.audit.recordUpon(tx, doerOf(actor, origin), isPlatform ? null : tenantId, {
      deed: 'invitation.accepted',
      target: { kind: 'invitation', id, name: email },
      changes: { memberId: { after: memberId } },
    });
  }
}

/** The person who has just come in, by nothing but the invitation. */
function knownBy(
  { id, email, displayName }: KnownPerson,
  issuer: string,
  actorId: string,
): KnownActor {
  return {
    kind: 'person',
    id: actorId,
    issuer,
    subject: id,
    email,
    name: displayName,
    personId: id,
  };
}
