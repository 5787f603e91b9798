import { availableParallelism } from 'node:os';

import { hash, verify } from '@node-rs/argon2';

import { type HashingLimits, HashingQueue } from './hashing-queue.js';

/**
 * The least that the OWASP Password Storage Cheat Sheet recommends for Argon2id: 19 MiB, two passes,
 * one lane. Its other choices defend alike; those with more memory allow fewer sign-ins at once.
 */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** How every hash of these parameters begins; Argon2id is the package's default. */
const OURS = `$argon2id$v=19$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}$`;

/** Node hashes in four threads, which look up names and read files too: one is left to those. */
const THREADS_MAX = 3;
/** About two seconds of work: whoever would wait longer is better told to come back. */
const WAITING_PER_THREAD = 20;

/** As much at once as the machine has cores for. */
function limitsOfMachine(): HashingLimits {
  const atOnce = Math.min(availableParallelism(), THREADS_MAX);
  return { atOnce, waiting: atOnce * WAITING_PER_THREAD };
}

/** The hash of 32 random bytes that nobody kept, made with the parameters above. */
export const HASH_OF_NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$u5d8JI+MEr+QHXJcC430Hg$ec3v+oIidsVyQJLRYm+xeFzKB5wY5LlI+4NmI6VGiWo';

/** Hashes passwords with Argon2id and checks them, in threads of their own and never too many at once. */
export class PasswordHasher {
  readonly #queue: HashingQueue;

  constructor(limits: HashingLimits = limitsOfMachine()) {
    this.#queue = new HashingQueue(limits);
  }

  /** The hash in PHC form, which names its own parameters and salt. */
  async hash(password: string): Promise<string> {
    return this.#queue.run(() => hash(normalised(password), PARAMETERS));
  }

  /**
   * Whether that is the password. `null` – an unknown account, or one without a password – costs as
   * much time as a wrong password, so that an answer's delay does not tell who has an account.
   */
  async matches(password: string, passwordHash: string | null): Promise<boolean> {
    const isMatch = await this.#queue.run(() =>
      verify(passwordHash ?? HASH_OF_NOBODY, normalised(password)),
    );
    return isMatch && passwordHash !== null;
  }

  /** Whether a hash was made with parameters that are no longer ours: make it anew at the next sign-in. */
  needsRehash(passwordHash: string): boolean {
    return !passwordHash.startsWith(OURS);
  }
}

/** The same password typed on another keyboard may arrive in other code points (NIST SP 800-63B, 3.1.1.2). */
function normalised(password: string): string {
  return password.normalize('NFKC');
}
