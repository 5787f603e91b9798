import { ApiProperty } from '@nestjs/swagger';

import type { ResourceGrant } from '@tenantry/access';
import { PageDtoOf } from '@tenantry/http';
import { ResourceGrantDto } from '../../dto/resource-grant.dto.js';
import type { Invitation } from '../invitation.js';

/** An open invitation. Its token is in the mail alone. */
export class InvitationDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Whom it is for: nobody else can accept it.
   * @example ada@acme.example
   */
  readonly email: string;

  /**
   * Name for people.
   * @example Ada Lovelace
   */
  readonly displayName: string | null;

  /**
   * Roles that wait for whoever accepts.
   * @example ["operator"]
   */
  readonly roles: string[];

  /** Roles on one resource alone that wait too. */
  @ApiProperty({ type: [ResourceGrantDto] })
  readonly grants: readonly ResourceGrant[];

  /**
   * Whether it can still be accepted; an expired one can be resent.
   * @example open
   */
  readonly status: 'open' | 'expired';

  /**
   * The membership that waits.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly memberId: string;

  /**
   * The id of whoever invited.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly invitedBy: string;

  /**
   * Until when it can be accepted.
   * @example 2026-11-24T12:00:00.000Z
   */
  readonly expiresAt: Date;

  /**
   * When it was made.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly createdAt: Date;

  // Field by field, so that a new column never reaches a caller by accident.
  constructor(invitation: Invitation, isOver: boolean) {
    this.id = invitation.id;
    this.email = invitation.email;
    this.displayName = invitation.displayName;
    this.roles = [...invitation.roles];
    this.grants = invitation.grants;
    this.status = isOver ? 'expired' : 'open';
    this.memberId = invitation.memberId;
    this.invitedBy = invitation.invitedBy;
    this.expiresAt = invitation.expiresAt;
    this.createdAt = invitation.createdAt;
  }
}

/** One page of open invitations, oldest first. */
export class InvitationsPageDto extends PageDtoOf(InvitationDto) {}
