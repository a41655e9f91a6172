import { generate } from 'otplib';

/** What an authenticator app with this secret shows now. */
export function shownCode(secret: string): Promise<string> {
  return generate({ secret });
}
