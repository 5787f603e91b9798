import autocannon from 'autocannon';

import type { Speed } from './rounds.js';

const CONNECTIONS = 16;

/** One request, sent over and over. */
export interface Load {
  readonly url: string;
  readonly credential: string;
  readonly seconds: number;
  readonly method?: 'GET' | 'PUT' | 'PATCH' | 'POST';
  readonly body?: object;
}

/** As fast as it goes over real HTTP; fails where any answer is a refusal. */
export async function load({ url, credential, seconds, method, body }: Load): Promise<Speed> {
  const before = process.cpuUsage();
  const result = await autocannon({
    url,
    method: method ?? 'GET',
    connections: CONNECTIONS,
    duration: seconds,
    headers: {
      authorization: `Bearer ${credential}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answered = result['2xx'];
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url} did not answer 2xx.`);
  const elapsed = (result.finish.getTime() - result.start.getTime()) / 1_000;
  const { user, system } = process.cpuUsage(before);
  return { perSecond: answered / elapsed, cpuMicrosEach: (user + system) / answered };
}
