import { RequestInvalid } from '@tenantry/http';
import { DEFAULT_THRESHOLDS, type Mode, type QuotaSpec } from '../limit.js';

/** What somebody wants to be allowed of a kind; `fixed` left out: what is usual there. */
export interface WantedQuota extends Omit<QuotaSpec, 'fixed'> {
  readonly fixed: boolean | undefined;
}

/** The same as it is sent. */
export interface QuotaBody {
  readonly rate?: QuotaSpec['rate'];
  readonly windows?: QuotaSpec['windows'];
  readonly concurrency?: QuotaSpec['concurrency'];
  readonly mode?: Mode;
  readonly thresholds?: readonly number[];
  readonly fixed?: boolean;
}

/** Throws `RequestInvalid` where nothing is limited; `pointer` says where it stands in the request. */
export function wantedQuota(body: QuotaBody, pointer = ''): WantedQuota {
  const { mode = 'enforce', thresholds = DEFAULT_THRESHOLDS, fixed } = body;
  const limits = limitsOf(body);
  if (!limits.rate && limits.windows.length === 0 && !limits.concurrency) {
    throw new RequestInvalid([{ pointer, message: 'must hold rate, windows or concurrency' }]);
  }
  return { ...limits, mode, thresholds, fixed };
}

function limitsOf({
  rate = null,
  windows = [],
  concurrency = null,
}: QuotaBody): Pick<QuotaSpec, 'rate' | 'windows' | 'concurrency'> {
  return { rate, windows, concurrency };
}
