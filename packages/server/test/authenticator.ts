import { generate } from 'otplib';

/** What an authenticator app with this secret shows, now unless told (epoch ms). */
export function shownCode(secret: string, at: number = Date.now()): Promise<string> {
  return generate({ secret, epoch: Math.floor(at / 1000) });
}
