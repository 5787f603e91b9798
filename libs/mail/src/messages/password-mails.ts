import type { Mail } from '../mailer.js';
import { letter, moment } from './letter.js';

interface PasswordReset {
  readonly to: string;
  readonly link: string;
  readonly expiresInMinutes: number;
}

interface PasswordChange {
  readonly to: string;
  readonly at: Date;
}

/** Lets somebody who forgot the password set a new one. */
export function passwordResetMail({ to, link, expiresInMinutes }: PasswordReset): Mail {
  return {
    to,
    subject: 'Reset your password',
    text: letter(
      `Somebody, probably you, asked to reset the password of the account ${to}.`,
      'To set a new password, open this link:',
      link,
      `It can be used once, within ${expiresInMinutes} minutes.`,
      'If it was not you, ignore this message: your password stays as it is.',
    ),
  };
}

/** Tells somebody that the password is another one now, in case it was not them. */
export function passwordChangedMail({ to, at }: PasswordChange): Mail {
  return {
    to,
    subject: 'Your password was changed',
    text: letter(
      `The password of the account ${to} was changed on ${moment(at)}.`,
      'If it was you, there is nothing to do.',
      'If it was not you, reset your password at once, and tell an administrator of your organisation.',
    ),
  };
}
