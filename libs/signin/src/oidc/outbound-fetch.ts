import { Injectable } from '@nestjs/common';
import type { CustomFetchOptions } from 'openid-client';

import { Outbound } from '@tenantry/outbound';

/** What openid-client fetches: by our own door alone. */
@Injectable()
export class OutboundFetch {
  constructor(private readonly outbound: Outbound) {}

  /** Throws `OutboundFailure`. */
  async fetch(url: string, { method, body, headers }: CustomFetchOptions): Promise<Response> {
    if (method !== 'POST' || !(body instanceof URLSearchParams)) {
      throw new Error('openid-client asked for something else than a token.');
    }
    const { authorization } = headers;
    const post = authorization === undefined ? { form: body } : { form: body, authorization };
    const answer = await this.outbound.postForm(url, post);
    return Response.json(answer.body, { status: answer.status });
  }
}
