import { Injectable } from '@nestjs/common';

import { PlatformAdmission } from '@tenantry/access';
import type { PlatformTransaction } from '@tenantry/database';

/** Lets in whom the platform has invited; who was removed meanwhile stays out. */
@Injectable()
export class PlatformAdmissions extends PlatformAdmission {
  async admit(tx: PlatformTransaction, personId: string): Promise<void> {
    await tx.tables.platformAdmin.updateMany({
      where: { personId, status: 'invited' },
      data: { status: 'active', revision: { increment: 1 }, updatedAt: new Date() },
    });
    tx.announce({ kind: 'platform_account', id: personId, tenantId: null });
  }
}
