/**
 * Waits for work, but no longer than that; answers whether it was done in time. The work goes on,
 * and how it ends is another's affair. Throws what the work throws in time.
 */
export async function isDoneWithin(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, limitMs);
  });
  return Promise.race([work.then(() => true), limit]).finally(() => {
    clearTimeout(timer);
  });
}
