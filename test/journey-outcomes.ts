import { type Item, TenantryError } from '@tenantry/client';

export type Event = Item<'/v1/tenants/{tenant}/audit/events'>;

/** How a call ended: `done`, or the status and the code of its refusal. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'done';
  } catch (error) {
    if (!(error instanceof TenantryError)) throw error;
    return `${error.status} ${error.code}`;
  }
}

/** How each call ended, one after the other. */
export async function outcomesOf(calls: readonly (() => Promise<unknown>)[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const call of calls) outcomes.push(await outcomeOf(call()));
  return outcomes;
}

/** The refusal of a call; fails where there was none. */
export async function refusalOf(call: Promise<unknown>): Promise<TenantryError> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TenantryError) return error;
  throw new Error('The call was not refused.', { cause: error });
}

/** Every item of a list, page by page. */
export async function listed<Listed>(list: AsyncIterable<Listed>): Promise<Listed[]> {
  const items: Listed[] = [];
  for await (const item of list) items.push(item);
  return items;
}

/** Who did what, in few words: `ada@acme.example invitation.created`. */
export function story(events: readonly Event[]): string[] {
  return events.map(({ actor, deed, reason }) => {
    const who = actor.email ?? actor.kind;
    return [who, deed, ...(deed === 'access.refused' ? [reason] : [])].join(' ');
  });
}
