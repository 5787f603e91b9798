import { Injectable } from '@nestjs/common';

import { AuditTrail } from '@tenantry/audit';
import { Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import type { DistrustedKey, Issuer } from './issuer.js';
import type { IssuerOwner } from './issuer-owner.js';
import { DistrustLimitReached, IssuerKeyNotFound } from './issuers.errors.js';
import { IssuersRepository } from './issuers.repository.js';
import { type NamedKey, namedKeys } from './keys/thumbprint.js';
import { Reach } from './reach.js';
import { announceIssuer } from './verdicts.js';

const DISTRUSTED_MAX = 100;

/** Refuses single keys, whatever their issuer says: a leaked one must not wait for its rotation. */
@Injectable()
export class KeyDistrust {
  constructor(
    private readonly database: Database,
    private readonly issuers: IssuersRepository,
    private readonly reach: Reach,
    private readonly audit: AuditTrail,
    // One more than the usual four: the time of the deed stands beside the key.
    private readonly clock: Clock,
  ) {}

  /** Refuses what the key signed, on every node; the other keys go on. Named by `kid` or thumbprint. */
  async distrust(
    { caller, scope }: IssuerOwner,
    id: string,
    { name, reason }: { readonly name: string; readonly reason: string | null },
  ): Promise<Issuer> {
    await this.database.within(scope, async (tx) => {
      const issuer = await this.issuers.lock(tx, id);
      await this.reach.assertAlterable(tx, caller, issuer);
      const { distrustedKeys } = issuer;
      // A name may have been used before: the key of today is another than the one of then.
      const key = namedKeys(issuer.keySet).find(
        (one) => isNamed(name)(one) && !distrustedKeys.some(isSameKey(one)),
      );
      if (!key && distrustedKeys.some(isNamed(name))) return;
      if (!key) throw new IssuerKeyNotFound();
      if (distrustedKeys.length >= DISTRUSTED_MAX) throw new DistrustLimitReached(DISTRUSTED_MAX);
      const entry: DistrustedKey = { ...key, at: this.clock.now().toISOString(), reason };
      await this.issuers.update(tx, id, { distrustedKeys: [...distrustedKeys, entry] });
      this.audit.record(tx, caller, {
        deed: 'issuer.key_distrusted',
        target: { kind: 'issuer', id, name: issuer.issuer },
        changes: { thumbprint: { after: key.thumbprint }, kid: { after: key.kid } },
        ...(reason === null ? {} : { reason }),
      });
      announceIssuer(tx, issuer);
    });
    return this.issuers.require(scope, id);
  }

  /** Believes the key again, as long as its issuer publishes it. */
  async trust({ caller, scope }: IssuerOwner, id: string, name: string): Promise<Issuer> {
    await this.database.within(scope, async (tx) => {
      const issuer = await this.issuers.lock(tx, id);
      const key = issuer.distrustedKeys.find(isNamed(name));
      if (!key) throw new IssuerKeyNotFound();
      await this.reach.assertGives(caller, tx, issuer);
      await this.reach.assertReaches(tx, caller, id);
      const { thumbprint, kid } = key;
      const distrustedKeys = issuer.distrustedKeys.filter((other) => other !== key);
      await this.issuers.update(tx, id, { distrustedKeys });
      this.audit.record(tx, caller, {
        deed: 'issuer.key_trusted',
        target: { kind: 'issuer', id, name: issuer.issuer },
        changes: { thumbprint: { after: thumbprint }, kid: { after: kid } },
      });
      announceIssuer(tx, issuer);
    });
    return this.issuers.require(scope, id);
  }
}

function isSameKey({ thumbprint }: NamedKey): (key: NamedKey) => boolean {
  return (key) => key.thumbprint === thumbprint;
}

function isNamed(name: string): (key: NamedKey) => boolean {
  return ({ thumbprint, kid }) => kid === name || thumbprint === name;
}
