import { Module } from '@nestjs/common';

import { ThrottleModule } from '@tenantry/access';
import { AuditModule } from '@tenantry/audit';
import { ApiKeyLookup } from './api-keys/api-key-lookup.js';
import { ApiKeyReading } from './api-keys/api-key-reading.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeysRepository } from './api-keys/api-keys.repository.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { KeyDigests } from './api-keys/key-digests.js';
import { BreakGlassController } from './break-glass/break-glass.controller.js';
import { BreakGlassRepository } from './break-glass/break-glass.repository.js';
import { BreakGlassService } from './break-glass/break-glass.service.js';
import { ClaimRule } from './break-glass/claim-rule.js';
import { InvitationAcceptanceController } from './invitations/invitation-acceptance.controller.js';
import { InvitationAcceptance } from './invitations/invitation-acceptance.js';
import { InvitationDelivery } from './invitations/invitation-delivery.js';
import { InvitationEntry } from './invitations/invitation-entry.js';
import { InvitationReading } from './invitations/invitation-reading.js';
import { InvitationRecords } from './invitations/invitation-records.js';
import { InvitationTokens } from './invitations/invitation-tokens.js';
import { InvitationWriting } from './invitations/invitation-writing.js';
import { InvitationsController } from './invitations/invitations.controller.js';
import { InvitationsRepository } from './invitations/invitations.repository.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { OpenInvitations } from './invitations/open-invitations.js';
import { MemberAlteration } from './member-alteration.js';
import { MemberLookup } from './member-lookup.js';
import { MemberStanding } from './member-standing.js';
import { MembersController } from './members.controller.js';
import { MembersRepository } from './members.repository.js';
import { MembersService } from './members.service.js';
import { EnginePermissionsRepository } from './permissions/engine-permissions.repository.js';
import { PermissionsController } from './permissions/permissions.controller.js';
import { PermissionsService } from './permissions/permissions.service.js';
import { RoleBook } from './roles/role-book.js';
import { RolesController } from './roles/roles.controller.js';
import { RolesRepository } from './roles/roles.repository.js';
import { RolesService } from './roles/roles.service.js';
import { AccountAlteration } from './service-accounts/account-alteration.js';
import { AccountChanges } from './service-accounts/account-changes.js';
import { AccountMaking } from './service-accounts/account-making.js';
import { AccountReading } from './service-accounts/account-reading.js';
import { ClientCredentials } from './service-accounts/client-credentials.js';
import { SecretRotation } from './service-accounts/secret-rotation.js';
import { ServiceAccountVerbsController } from './service-accounts/service-account-verbs.controller.js';
import { ServiceAccountsController } from './service-accounts/service-accounts.controller.js';
import { ServiceAccountsRepository } from './service-accounts/service-accounts.repository.js';
import { TenantClientCheck } from './service-accounts/tenant-client-check.js';

const MEMBERS = [MembersService, MembersRepository, MemberAlteration, MemberStanding, MemberLookup];

const ROLES = [
  RoleBook,
  RolesService,
  RolesRepository,
  PermissionsService,
  EnginePermissionsRepository,
];

const INVITATIONS = [
  InvitationsService,
  InvitationsRepository,
  InvitationReading,
  InvitationWriting,
  InvitationDelivery,
  InvitationTokens,
  InvitationRecords,
  InvitationAcceptance,
  InvitationEntry,
  OpenInvitations,
];

const SERVICES = [
  ServiceAccountsRepository,
  AccountReading,
  AccountMaking,
  AccountChanges,
  AccountAlteration,
  SecretRotation,
  ClientCredentials,
  TenantClientCheck,
  ApiKeysService,
  ApiKeysRepository,
  ApiKeyReading,
  ApiKeyLookup,
  KeyDigests,
];

const BREAK_GLASS = [BreakGlassService, BreakGlassRepository, ClaimRule];

/** Who may act in a tenant, and as what: people, services, and what their roles hold. */
@Module({
  imports: [AuditModule, ThrottleModule],
  controllers: [
    MembersController,
    RolesController,
    PermissionsController,
    InvitationsController,
    InvitationAcceptanceController,
    ServiceAccountsController,
    ServiceAccountVerbsController,
    ApiKeysController,
    BreakGlassController,
  ],
  providers: [...MEMBERS, ...ROLES, ...INVITATIONS, ...SERVICES, ...BREAK_GLASS],
  exports: [MemberLookup, RoleBook, ClaimRule, ApiKeyLookup, TenantClientCheck],
})
export class MembersModule {}
