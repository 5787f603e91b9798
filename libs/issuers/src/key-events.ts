import type { Deed } from '@tenantry/audit';
import type { Issuer, PublishedKeys } from './issuer.js';
import { namedKeys } from './keys/thumbprint.js';

/** What became of an issuer's keys between two sets: a deed for each that came or went. */
export function keyEvents({ id, keySet }: Issuer, published: PublishedKeys): Deed[] {
  const before = byThumbprint(keySet);
  const after = byThumbprint(published);
  const deedOf = (deed: Deed['deed'], thumbprint: string, kid: string | null): Deed => ({
    deed,
    target: { kind: 'issuer', id },
    changes: { thumbprint: { after: thumbprint }, kid: { after: kid } },
  });
  return [
    ...[...after]
      .filter(([thumbprint]) => !before.has(thumbprint))
      .map(([thumbprint, kid]) => deedOf('issuer.key_appeared', thumbprint, kid)),
    ...[...before]
      .filter(([thumbprint]) => !after.has(thumbprint))
      .map(([thumbprint, kid]) => deedOf('issuer.key_disappeared', thumbprint, kid)),
  ];
}

function byThumbprint(set: PublishedKeys | null): Map<string, string | null> {
  return new Map(namedKeys(set).map(({ thumbprint, kid }) => [thumbprint, kid]));
}
