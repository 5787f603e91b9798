import { urlsOf } from '../../issuer.js';
import { ownershipRecords } from '../../ownership.js';
import type { Examination } from '../examination.js';
import { failed, type Finding, passed, UNREADABLE } from './finding.js';

/** What is known of the URL that the token names, apart from registrations. */
export interface UrlOwners {
  /** `iss` of the tokens that this service issues itself. */
  readonly builtIn: string;
  /** Whether the URL is one of an issuer of the platform. */
  readonly isOfPlatform: boolean;
}

/** Whose token it is, and whether that registration is in force. */
export function checkIssuer(exam: Examination, owners: UrlOwners): Finding {
  const { read, held, registrations } = exam;
  if (!read) return UNREADABLE;
  const found = read.claims['iss'];
  const expected = held ? urlsOf(held.issuer) : registrations.flatMap(urlsOf);
  const remedy =
    guestRemedy(exam) ?? strangerRemedy(exam, found, owners) ?? registrationRemedy(exam);
  if (remedy !== null) return failed({ found, expected, remedy });
  const isNote = Array.isArray(read.claims['aud']) && read.claims['aud'].length > 1;
  const detail =
    'It names several audiences: it is refused where another registration takes one of them.';
  return passed({ found, expected, ...(isNote ? { detail } : {}) });
}

/** What to do with a guest's token: it opens nothing by itself. */
function guestRemedy({ guest, choice }: Examination): string | null {
  if (!guest || choice.takers > 0) return null;
  return guest.ownershipProvenAt === null
    ? 'Have a second person approve the guest that this token fits, then exchange the token.'
    : 'Exchange the token at POST /oauth/token, with the tenant as audience: it is a guest’s, and opens nothing by itself.';
}

/** What to do where no registration of the tenant has this very URL. */
function strangerRemedy({ held }: Examination, iss: unknown, owners: UrlOwners): string | null {
  if (held && typeof iss === 'string' && urlsOf(held.issuer).includes(iss)) return null;
  if (typeof iss !== 'string') return 'Have the provider name itself in iss, as a text.';
  if (iss === owners.builtIn) {
    return 'Send a token of your provider: this one was issued by this service itself, and needs no registration.';
  }
  if (owners.isOfPlatform) {
    return 'Ask the platform to diagnose this token: its issuer is registered for the whole platform.';
  }
  return held
    ? 'Set issuer (or add to issuerAliases) in the registration to the iss that was found, to the letter: a last slash, case, scheme and port count.'
    : 'Register an issuer with the iss that was found, or send a token of a provider that is registered.';
}

/** What to do where the registration is not in force, or is not the only one. */
function registrationRemedy({ held, choice, now }: Examination): string | null {
  if (!held) return null;
  const { issuer } = held;
  if (choice.takers > 1) {
    return 'Give your registrations audiences or a match so that the token fits one of them alone, or have the provider name one audience.';
  }
  if (issuer.status === 'disabled') return 'Enable the issuer: it was disabled by an admin.';
  if (issuer.ownershipProvenAt === null) {
    const { names, value } = ownershipRecords(issuer);
    return names.length === 0
      ? 'Ask the platform to approve the issuer: no DNS record can show that it is yours.'
      : `Publish the TXT record "${value}" at ${names.join(', ')}, and prove the issuer.`;
  }
  return issuer.notAfter && now >= issuer.notAfter
    ? 'Set notAfter of the registration to a later moment: the trust has ended.'
    : null;
}
