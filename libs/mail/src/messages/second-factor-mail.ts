import type { Mail } from '../mailer.js';
import { letter, moment } from './letter.js';

const DEEDS = {
  enabled: 'Two-step sign-in was switched on',
  disabled: 'Two-step sign-in was switched off',
  recovery_code_used: 'A recovery code was used to sign in',
  codes_guessed: 'The right password and ten wrong codes in a row were shown',
  recovery_codes_replaced: 'New recovery codes were made, and the old ones are void,',
} as const;

/** What became of a second factor. */
export type SecondFactorChange = keyof typeof DEEDS;

interface SecondFactorChanged {
  readonly to: string;
  readonly at: Date;
  readonly change: SecondFactorChange;
}

/** Tells somebody that the second factor was changed, gone around or guessed at, in case it was not them. */
export function secondFactorChangedMail({ to, at, change }: SecondFactorChanged): Mail {
  return {
    to,
    subject: 'Your two-step sign-in',
    text: letter(
      `${DEEDS[change]} for the account ${to} on ${moment(at)}.`,
      'If it was you, there is nothing to do.',
      'If it was not you, change your password at once, and tell an administrator of your organisation.',
    ),
  };
}
