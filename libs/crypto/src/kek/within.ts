/** A piece of work took longer than it was given. */
class TimePassed extends Error {
  override readonly name = 'TimeoutError';
}

/**
 * Gives a piece of work so much time, and no more. The signal asks it to stop, but nobody waits for
 * that: the search for credentials, for one, hears no signal.
 */
export async function within<Result>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TimePassed());
      stop.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(stop.signal), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
