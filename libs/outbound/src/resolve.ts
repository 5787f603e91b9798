import { lookup } from 'node:dns/promises';

/** Finds every address of a host, in the order in which they are to be tried. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** Asks the operating system, as any other program on the machine would. */
export const resolveBySystem: Resolve = async (hostname) => {
  const answers = await lookup(hostname, { all: true, verbatim: true });
  return answers.map(({ address }) => address);
};
