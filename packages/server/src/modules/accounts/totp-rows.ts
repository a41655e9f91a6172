/** SQL of authenticator apps. Secrets are sealed; instants are epoch ms. */

/** Where the sealed secrets of a person belong. */
export function totpPlace(userId: string): string {
  return `totp:${userId}`;
}
