import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail } from '@tenantry/audit';
import { Sealer } from '@tenantry/crypto';
import { Database, type TenantTransaction } from '@tenantry/database';
import { assertRevision, type ExpectedRevision } from '@tenantry/http';
import type { Issuer } from '../issuer.js';
import type { IssuerOwner } from '../issuer-owner.js';
import { SignInUnavailable } from '../issuers.errors.js';
import { IssuersRepository } from '../issuers.repository.js';
import { Reach } from '../reach.js';
import { announceIssuer } from '../verdicts.js';
import { sealSecret } from './sign-in-secret.js';

/** The client that Tenantry is to be at a tenant's provider. */
export interface WantedClient {
  readonly clientId: string;
  /** Null for a public client. */
  readonly clientSecret: string | null;
}

/** Which client people of a tenant sign in through, in a browser, at the tenant's own provider. */
@Injectable()
export class SignInClients {
  constructor(
    private readonly database: Database,
    private readonly issuers: IssuersRepository,
    private readonly reach: Reach,
    private readonly sealer: Sealer,
    // One more than the usual four: the deed stands on record.
    private readonly audit: AuditTrail,
  ) {}

  /** Sets the client, in place of the one that there was: its secret is given anew each time. */
  async set(
    { caller, scope }: IssuerOwner,
    id: string,
    { wanted, expected }: { readonly wanted: WantedClient; readonly expected: ExpectedRevision },
  ): Promise<Issuer> {
    await this.database.within(scope, async (tx) => {
      const issuer = await this.#lock(tx, caller, id, expected);
      if (!maySignIn(issuer)) throw new SignInUnavailable();
      const { clientId, clientSecret } = wanted;
      await this.issuers.update(tx, id, {
        signInClientId: clientId,
        signInClientSecret: sealSecret(this.sealer, issuer, clientSecret),
      });
      const { signInClientId, signInClientSecret } = issuer;
      this.audit.record(tx, caller, {
        deed: 'issuer.sign_in_set',
        target: { kind: 'issuer', id, name: issuer.issuer },
        changes: {
          clientId: { before: signInClientId, after: clientId },
          // Whether there is one; never which.
          hasSecret: { before: signInClientSecret !== null, after: clientSecret !== null },
        },
      });
      announceIssuer(tx, issuer);
    });
    return this.issuers.require(scope, id);
  }

  /** Ends signing in by a browser; who came in by it is vouched for by the issuer as before. */
  async remove(
    { caller, scope }: IssuerOwner,
    id: string,
    expected: ExpectedRevision,
  ): Promise<void> {
    await this.database.within(scope, async (tx) => {
      const issuer = await this.#lock(tx, caller, id, expected);
      await this.forget(tx, caller, issuer);
    });
  }

  /** Drops the client of an issuer, if it has one, with its secret. */
  async forget(tx: TenantTransaction, caller: Caller, issuer: Issuer): Promise<void> {
    const { id, signInClientId } = issuer;
    if (signInClientId === null) return;
    await this.issuers.update(tx, id, { signInClientId: null, signInClientSecret: null });
    this.audit.record(tx, caller, {
      deed: 'issuer.sign_in_removed',
      target: { kind: 'issuer', id, name: issuer.issuer },
      changes: { clientId: { before: signInClientId, after: null } },
    });
    announceIssuer(tx, issuer);
  }

  /** Who points the sign-in elsewhere decides who comes in as whom, as who changes the keys does. */
  async #lock(
    tx: TenantTransaction,
    caller: Caller,
    id: string,
    expected: ExpectedRevision,
  ): Promise<Issuer> {
    const issuer = await this.issuers.lock(tx, id);
    assertRevision(expected, issuer.revision);
    await this.reach.assertGives(caller, tx, issuer);
    await this.reach.assertReaches(tx, caller, id);
    return issuer;
  }
}

/** Whether people can sign in through it at all. */
export function maySignIn({ keySource, guest }: Issuer): boolean {
  return keySource.kind === 'discovery' && guest === null;
}
