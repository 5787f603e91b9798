import { ALGORITHMS, type Issuer } from '../../issuer.js';
import { isDistrusted } from '../../issuer-rules.js';
import { keysTrustedUntil } from '../../validator.js';
import type { Examination } from '../examination.js';
import { failed, type Finding, NOBODY, passed, skipped, UNREADABLE } from './finding.js';

const NO_KEYS = skipped('There are no keys to look among.');
const NO_KEY = skipped('There is no key to try it with.');

/** Whether the keys of the issuer are known, and fresh enough to be believed. */
export function checkKeys({ held, now }: Examination): Finding {
  if (!held) return NOBODY;
  const { issuer, keySet } = held;
  const found = {
    state: issuer.healthState,
    reason: issuer.healthReason,
    kids: keySet?.keys.map(({ kid }) => kid) ?? [],
    confirmedAt: issuer.keySetConfirmedAt,
  };
  const expected = { state: ['healthy', 'unverified'] };
  if (issuer.ownershipProvenAt === null) {
    return skipped('Keys are not looked at until the issuer is known to be yours.', { found });
  }
  const remedy = keysRemedy(issuer, now);
  return remedy === null ? passed({ found, expected }) : failed({ found, expected, remedy });
}

/** Whether the token names a key of the issuer that is believed. */
export function checkKid({ read, held }: Examination): Finding {
  if (!read) return UNREADABLE;
  if (!held) return NOBODY;
  const { issuer, keySet, key } = held;
  if (!keySet) return NO_KEYS;
  const found = read.header['kid'];
  const expected = keySet.keys.map(({ kid }) => kid);
  if (!key) return failed({ found, expected, remedy: kidRemedy(issuer, found) });
  if (!isDistrusted(issuer, key.usable)) return passed({ found, expected });
  const remedy =
    'Have the provider sign with another key: this one is distrusted in the registration.';
  return failed({ found, expected, remedy, detail: `Thumbprint ${key.usable.thumbprint}.` });
}

/** Whether the registration and the key's own type allow the algorithm. */
export function checkAlgorithm({ read, held }: Examination): Finding {
  if (!read) return UNREADABLE;
  const found = read.header['alg'];
  const allowed: readonly unknown[] = held?.issuer.algorithms ?? ALGORITHMS;
  if (!allowed.includes(found)) return failed(forbidden(found, allowed));
  if (!held?.key) return skipped('There is no key that it has to suit.', { found });
  const { usable, trusted } = held.key;
  const expected = trusted.algorithms;
  if (typeof found === 'string' && expected.includes(found)) return passed({ found, expected });
  const remedy =
    'Have the provider sign with an algorithm of the key that kid names, or name the key that it signs with.';
  return failed({ found, expected: usable.algorithms, remedy });
}

/** Whether the key that the token names has signed it. The signature itself is never shown. */
export function checkSignature({ read, held }: Examination): Finding {
  if (!read) return UNREADABLE;
  if (!held?.key) return NO_KEY;
  const evidence = { found: { kid: held.key.usable.kid }, expected: 'signed by this key' };
  switch (held.signature) {
    case 'good':
      return passed(evidence);
    case 'bad':
      return failed({
        ...evidence,
        remedy:
          'Send the token to the letter as the provider gave it, and make sure that it is of this provider: another key has signed it, or it was changed.',
      });
    case 'untried':
      return skipped('The algorithm or the header forbids to try it.');
  }
}

function keysRemedy(issuer: Issuer, now: Date): string | null {
  const trustedUntil = keysTrustedUntil(issuer);
  if (issuer.healthState === 'disabled') {
    return 'Mend what reason says at the provider or in keys of the registration, then recheck the issuer.';
  }
  if (issuer.healthState === 'pending' || !issuer.keySet) {
    return 'Recheck the issuer: its keys have not been looked at yet, or could not be.';
  }
  return trustedUntil && now >= trustedUntil
    ? 'Make the provider reachable, and recheck the issuer: its keys were not confirmed for too long.'
    : null;
}

function kidRemedy({ keySource }: Issuer, kid: unknown): string {
  if (kid === undefined) {
    return 'Have the provider name its key in kid: without one, exactly one key of the issuer must suit the algorithm.';
  }
  return keySource.kind === 'inline'
    ? 'Add the key that signs to keys.jwks of the registration, or sign with one that is there.'
    : 'Recheck the issuer, in case its keys have changed; else the token is of another provider or realm.';
}

function forbidden(
  found: unknown,
  allowed: readonly unknown[],
): { found: unknown; expected: unknown; remedy: string } {
  const known: readonly unknown[] = ALGORITHMS;
  const remedy = known.includes(found)
    ? 'Add the algorithm to algorithms of the registration, or have the provider sign with one that is there.'
    : 'Have the provider sign with an asymmetric algorithm: a token without one, or with a shared secret, is never believed.';
  return { found, expected: allowed, remedy };
}
