// Hands messages to the mail server, and words them. Knows nothing of who is written to, or why.
export { MailUnavailable } from './mail.errors.js';
export { Mailer, type Mail } from './mailer.js';
export { mailerOf } from './mailer-of.js';
export { invitationMail, platformInvitationMail } from './messages/invitation-mails.js';
export { passwordChangedMail, passwordResetMail } from './messages/password-mails.js';
export { secretLink } from './messages/secret-link.js';
export { type SecondFactorChange, secondFactorChangedMail } from './messages/second-factor-mail.js';
