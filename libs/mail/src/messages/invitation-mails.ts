import type { Mail } from '../mailer.js';
import { letter, moment } from './letter.js';
import { quotedName } from './plain-name.js';

interface PlatformInvitation {
  readonly to: string;
  readonly inviterName: string;
  readonly link: string;
  readonly expiresAt: Date;
}

interface Invitation extends PlatformInvitation {
  readonly tenantName: string;
}

/** Invites somebody to a tenant. */
export function invitationMail(invitation: Invitation): Mail {
  const tenant = quotedName(invitation.tenantName);
  return {
    to: invitation.to,
    subject: `Invitation to ${tenant}`,
    text: letter(
      `${quotedName(invitation.inviterName)} invites you to join ${tenant}.`,
      ...howToAccept(invitation),
    ),
  };
}

/** Invites somebody to run the platform. */
export function platformInvitationMail(invitation: PlatformInvitation): Mail {
  return {
    to: invitation.to,
    subject: 'Invitation to help run this platform',
    text: letter(
      `${quotedName(invitation.inviterName)} invites you to help run this platform.`,
      ...howToAccept(invitation),
    ),
  };
}

function howToAccept({ to, link, expiresAt }: PlatformInvitation): readonly string[] {
  return [
    'To accept, open this link:',
    link,
    `It can be used once, until ${moment(expiresAt)}, and only for the address ${to}.`,
    'Names in quotation marks were chosen by those who use them; we have not checked them. ' +
      'If you do not know who invites you, ignore this message: nothing happens until you accept.',
  ];
}
