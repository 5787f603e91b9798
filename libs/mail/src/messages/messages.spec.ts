import { describe, expect, it } from '@jest/globals';

import { invitationMail, platformInvitationMail } from './invitation-mails.js';
import { passwordChangedMail, passwordResetMail } from './password-mails.js';
import { quotedName } from './plain-name.js';
import { secondFactorChangedMail } from './second-factor-mail.js';

const to = 'ada@example.com';
const link = `https://app.example.com/accept#token=${'x'.repeat(64)}`;
const expiresAt = new Date('2026-11-29T14:05:59.999Z');
const at = new Date('2026-11-22T09:00:00Z');

const INVITATION = { to, link, expiresAt, tenantName: 'Acme', inviterName: 'Grace Hopper' };

describe(invitationMail.name, () => {
  it('says who invites whom to what, how to accept and until when', () => {
    expect(invitationMail(INVITATION)).toEqual({
      to,
      subject: 'Invitation to "Acme"',
      text: `Hello,

"Grace Hopper" invites you to join "Acme".

To accept, open this link:

${link}

It can be used once, until Sun, 29 Nov 2026 14:05 UTC, and only for the
address ada@example.com.

Names in quotation marks were chosen by those who use them; we have not
checked them. If you do not know who invites you, ignore this message:
nothing happens until you accept.
`,
    });
  });

  it('has no link but its own, whatever the names are', () => {
    const bait = 'Your account is locked: https://evil.example/x www.evil.example a@evil.example';
    const { subject, text } = invitationMail({
      ...INVITATION,
      tenantName: `Acme".\r\n\r\nSecurity notice\nhttp://evil.example`,
      inviterName: bait,
    });

    expect(subject).toBe('Invitation to "Acme . Security notice http: / / evil. example"');
    expect(text).toContain(
      '"Your account is locked: https: / / evil. example/ x www. ev…" invites\nyou to join',
    );
    expect(text.match(/\S+:\/\/\S+/g)).toEqual([link]);
    expect(text.replace(link, '').match(/\w+\.\w\S*/g)).toEqual(['example.com.']);
    expect(text).not.toContain('\r');
  });
});

describe(platformInvitationMail.name, () => {
  it('names no tenant', () => {
    const mail = platformInvitationMail({ to, link, expiresAt, inviterName: 'Grace Hopper' });

    expect(mail.subject).toBe('Invitation to help run this platform');
    expect(mail.text).toContain('\n"Grace Hopper" invites you to help run this platform.\n');
    expect(mail.text).toContain(`\n${link}\n`);
  });
});

describe('mails about an account', () => {
  it('tell how to set a new password', () => {
    expect(passwordResetMail({ to, link, expiresInMinutes: 30 })).toEqual({
      to,
      subject: 'Reset your password',
      text: `Hello,

Somebody, probably you, asked to reset the password of the account
ada@example.com.

To set a new password, open this link:

${link}

It can be used once, within 30 minutes.

If it was not you, ignore this message: your password stays as it is.
`,
    });
  });

  it('tell what was changed and when, without any link', () => {
    const password = passwordChangedMail({ to, at });
    const changes = [
      'enabled',
      'disabled',
      'recovery_code_used',
      'recovery_codes_replaced',
      'codes_guessed',
    ] as const;
    const factors = changes.map((change) => secondFactorChangedMail({ to, at, change }));

    expect(password).toEqual({
      to,
      subject: 'Your password was changed',
      text: `Hello,

The password of the account ada@example.com was changed on Sun, 22 Nov
2026 09:00 UTC.

If it was you, there is nothing to do.

If it was not you, reset your password at once, and tell an
administrator of your organisation.
`,
    });
    expect(factors.map(({ text }) => text.split('\n\n')[1]?.replaceAll('\n', ' '))).toEqual([
      'Two-step sign-in was switched on for the account ada@example.com on Sun, 22 Nov 2026 09:00 UTC.',
      'Two-step sign-in was switched off for the account ada@example.com on Sun, 22 Nov 2026 09:00 UTC.',
      'A recovery code was used to sign in for the account ada@example.com on Sun, 22 Nov 2026 09:00 UTC.',
      'New recovery codes were made, and the old ones are void, for the account ada@example.com on Sun, 22 Nov 2026 09:00 UTC.',
      'The right password and ten wrong codes in a row were shown for the account ada@example.com on Sun, 22 Nov 2026 09:00 UTC.',
    ]);
    [password, ...factors].forEach(({ text }) => {
      expect(text).not.toContain('://');
      expect(text.split('\n').every((line) => line.length <= 72)).toBe(true);
    });
  });
});

describe(quotedName.name, () => {
  it.each([
    ['Müller & Söhne, Inc.', '"Müller & Söhne, Inc."'],
    ['東京 株式会社', '"東京 株式会社"'],
    ["O'Brien", '"O\'Brien"'],
    ['J.R. Smith', '"J. R. Smith"'],
    ['evil.com/x', '"evil. com/ x"'],
    ['evil．com／x', '"evil. com/ x"'],
    ['evil。com', '"evil。 com"'],
    ['evil\u2024com', '"evil. com"'],
    ['ev\u200bil.\u2060com', '"evil. com"'],
    ['mailto:a@evil.com', '"mailto: a@ evil. com"'],
    ['\\\\evil\\x', '"\\ \\ evil\\ x"'],
    ['a\u202ecba\u2066\u200fx\ufeff', '"acbax"'],
    ['two\r\nlines\u2028and\u0085more\ttabs\0', '"two lines and more tabs"'],
    ['"quoted" “so” <b>', '"quoted so b"'],
    [' \u3164\u200b\n', '"(no name)"'],
    ['', '"(no name)"'],
    ['x'.repeat(60), `"${'x'.repeat(60)}"`],
    ['x'.repeat(61), `"${'x'.repeat(59)}…"`],
    ['😀'.repeat(61), `"${'😀'.repeat(59)}…"`],
    ['half \ud83d', '"half"'],
  ])('makes of %j the harmless %s', (name, quoted) => {
    expect(quotedName(name)).toBe(quoted);
  });
});
