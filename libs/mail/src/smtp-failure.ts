import { MailRefused, MailUnavailable } from './mail.errors.js';

/** A server may answer at any length. */
const TRACE_LENGTH_MAX = 500;

/** Turns whatever broke a delivery into a refusal. */
export function refusalOf(error: unknown): MailRefused | MailUnavailable {
  const cause = traceOf(error);
  return isRecipientRefused(error) ? new MailRefused({ cause }) : new MailUnavailable({ cause });
}

function isRecipientRefused(error: unknown): boolean {
  const [code, command, permanent] = ['code', 'command', 'permanent'].map(of(error));
  return code === 'EENVELOPE' && command === 'RCPT TO' && permanent === true;
}

/**
 * Keeps of an error what an operator needs. Servers quote what they refuse, so what may be a link, a
 * token or an address is left out; and of a failed sign-in, all that the server said.
 */
function traceOf(error: unknown): Error {
  const isSignIn = of(error)('code') === 'EAUTH';
  const properties = ['code', 'originalCode', 'timeoutType', 'command', 'responseCode'];
  const words = [...properties, ...(isSignIn ? [] : ['message'])].map(of(error));
  const text = words.filter((word) => typeof word === 'string' || typeof word === 'number');
  return new Error(withoutSecrets(text.join(': ').slice(0, TRACE_LENGTH_MAX)));
}

function withoutSecrets(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\S*:\/\/\S*/gu, '(link)')
    .replace(/[^\s<>@]+@[^\s<>@]+/gu, '(address)')
    .replace(/[\w+/=-]{24,}/gu, '(left out)');
}

// No `instanceof Error`: errors of Node itself come from another realm where a test runner is at work.
function of(error: unknown): (property: string) => unknown {
  return (property) => {
    if (typeof error !== 'object' || error === null) return undefined;
    const value: unknown = Reflect.get(error, property);
    return value;
  };
}
