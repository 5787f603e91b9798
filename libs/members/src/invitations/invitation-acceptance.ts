import { Injectable } from '@nestjs/common';

import {
  AddressThrottle,
  type Enrolment,
  PersonRegistry,
  type RequestOrigin,
} from '@tenantry/access';
import type { Accepted } from './invitation.js';
import { InvitationEntry } from './invitation-entry.js';
import { InvitationInvalid } from './invitations.errors.js';
import { OpenInvitations } from './open-invitations.js';

/** What somebody shows who was invited. */
export interface Acceptance extends Pick<Enrolment, 'password' | 'code' | 'displayName'> {
  readonly token: string;
}

/** Lets in whoever shows the token of an invitation, and that the invited account is theirs. */
@Injectable()
export class InvitationAcceptance {
  constructor(
    private readonly throttle: AddressThrottle,
    private readonly open: OpenInvitations,
    private readonly people: PersonRegistry,
    private readonly entry: InvitationEntry,
  ) {}

  async accept(
    { token, password, code, displayName }: Acceptance,
    origin: RequestOrigin,
  ): Promise<Accepted> {
    const { ip } = origin;
    return this.throttle.attempt('secret', ip, async () => {
      const invitation = await this.open.find(token);
      if (!invitation) throw new InvitationInvalid();
      // Before the transaction: a password takes long to check, and nothing is locked meanwhile.
      const { email } = invitation;
      const checked = await this.people.check({ email, password, code, displayName, ip });
      return this.entry.enter(token, checked, origin);
    });
  }
}
