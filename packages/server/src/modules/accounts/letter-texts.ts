/** The words of every letter, as text and as HTML. */

export type Letter =
  /** To sign in with. */
  | { about: 'email_code'; code: string }
  /** Somebody asked for a code or a new password, and there is no account with this address. */
  | { about: 'no_account' }
  | { about: 'verify_email'; token: string; username: string; name: string }
  /** Somebody gave, for an account of their own, an address that is proven to be another account’s. */
  | { about: 'signed_up_again' }
  | { about: 'reset_password'; token: string }
  | { about: 'step_up_code'; code: string }
  /** Told afterwards, so that nobody’s account is changed without their knowing. */
  | { about: 'email_changed'; to: string }
  | { about: 'password_changed' }
  | { about: 'second_factor'; on: boolean }
  | { about: 'passkey_added'; name: string }
  | { about: 'identity_linked'; provider: string }
  | { about: 'account_deleted' };

/** A paragraph: plain text, or what is to be copied or followed. */
type Part = string | { code: string } | { link: string; label: string };

interface Words {
  /** Seen on locked screens and logged by mail servers: never a secret, and nothing that a stranger chose. */
  subject: string;
  parts: Part[];
}

const NOT_ASKED = 'If you did not ask for it, ignore this mail: nothing happens.';
const NOT_YOU = 'If it was not you, set a new password and look through your sessions at once:';

function words(letter: Letter, baseUrl: string): Words {
  const undo: Part[] = [NOT_YOU, { link: `${baseUrl}/forgot`, label: 'Set a new password' }];
  switch (letter.about) {
    case 'email_code':
      return {
        subject: 'Your sign-in code',
        parts: [
          'With this code you can sign in during the next 10 minutes:',
          { code: letter.code },
          `Tell it to nobody, whoever they say they are. ${NOT_ASKED}`,
        ],
      };
    case 'no_account':
      return {
        subject: 'No account with this address',
        parts: [
          'Somebody, perhaps you, asked to sign in with this address or for a new password. It has no account here.',
          'You may have used another address, or you can create an account:',
          { link: baseUrl, label: 'Open Confab' },
          NOT_ASKED,
        ],
      };
    case 'verify_email':
      return {
        subject: 'Confirm your address',
        parts: [
          ...(greeted(letter.name) ? [`Hello ${letter.name},`] : []),
          `somebody gave this address for the account @${letter.username}. If that is yours, confirm the address within three days:`,
          { link: `${baseUrl}/verify-email#token=${letter.token}`, label: 'Confirm this address' },
          'If it is not, do not follow the link: whoever has that account would get in with your address.',
        ],
      };
    case 'signed_up_again':
      return {
        subject: 'Your address was given for another account',
        parts: [
          'Somebody, perhaps you, gave this address for another account. It is yours already, and stays it.',
          'If it was you, sign in to the account you have:',
          { link: baseUrl, label: 'Sign in' },
          'If it was not you, there is nothing to do.',
        ],
      };
    case 'reset_password':
      return {
        subject: 'Set a new password',
        parts: [
          'With this link you can set a new password within an hour. All your sessions end then.',
          { link: `${baseUrl}/reset-password#token=${letter.token}`, label: 'Set a new password' },
          NOT_ASKED,
        ],
      };
    case 'step_up_code':
      return {
        subject: 'Your confirmation code',
        parts: [
          'With this code you confirm within 10 minutes that it is you who changes your account:',
          { code: letter.code },
          'Tell it to nobody, whoever they say they are. If you did not ask for it, somebody uses your account:',
          { link: `${baseUrl}/forgot`, label: 'Set a new password' },
        ],
      };
    case 'email_changed':
      return {
        subject: 'Your address was changed',
        parts: [
          `Your account now belongs to the address ${letter.to}. This one cannot sign in any more.`,
          'If it was not you, write to whoever runs this place.',
        ],
      };
    case 'password_changed':
      return {
        subject: 'Your password was changed',
        parts: ['A new password was set for your account, and other sessions were ended.', ...undo],
      };
    case 'second_factor':
      return letter.on
        ? {
            subject: 'Second factor switched on',
            parts: ['Signing in to your account now takes a code of your authenticator app as well.', ...undo],
          }
        : {
            subject: 'Second factor switched off',
            parts: ['Signing in to your account no longer takes a code of your authenticator app.', ...undo],
          };
    case 'passkey_added':
      return {
        subject: 'A passkey was added',
        parts: [`The passkey “${letter.name}” can now sign in to your account.`, ...undo],
      };
    case 'identity_linked':
      return {
        subject: 'An account elsewhere was linked',
        parts: [`An account at ${letter.provider} can now sign in to your account.`, ...undo],
      };
    case 'account_deleted':
      return {
        subject: 'Your account was deleted',
        parts: ['Your account and what was known of you are deleted. What you wrote in rooms stays, under no name.'],
      };
  }
}

/**
 * The address may be a stranger’s, and the name what somebody wants them to read: it is repeated only where it is no more
 * than a name.
 */
function greeted(name: string): boolean {
  return name.length <= 30 && /^[\p{L}\p{M}]+(?:[ '’-][\p{L}\p{M}]+){0,3}$/u.test(name);
}

/**
 * Nothing in it is loaded from anywhere, and nothing tells that it was read.
 * @param baseUrl where links lead, without a slash at the end. A token goes into the fragment: no server logs it.
 */
export function renderLetter(letter: Letter, baseUrl: string): { subject: string; text: string; html: string } {
  const { subject, parts } = words(letter, baseUrl);
  const foot = `Confab at ${baseUrl}`;
  return {
    subject,
    text: `${parts.map(asText).join('\n\n')}\n\n-- \n${foot}\n`,
    html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escape(subject)}</title></head>
<body style="font: 16px/1.5 sans-serif; max-width: 36em; margin: 1.5em auto; padding: 0 1em">
${parts.map(asHtml).join('\n')}
<p style="font-size: 13px; opacity: 0.7">${escape(foot)}</p>
</body>
</html>
`,
  };
}

function asText(part: Part): string {
  if (typeof part === 'string') return part;
  return 'code' in part ? `    ${part.code}` : part.link;
}

function asHtml(part: Part): string {
  if (typeof part === 'string') return `<p>${escape(part)}</p>`;
  if ('code' in part) return `<p style="font: bold 28px monospace; letter-spacing: 0.15em">${escape(part.code)}</p>`;
  return `<p><a href="${escape(part.link)}">${escape(part.label)}</a></p>`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
