/** Under which name browsers know this installation (WebAuthn). */
import { isIP } from 'node:net';

/**
 * Whom browsers take this installation to be, and from which origin they speak; undefined where they offer no passkeys:
 * under a bare address, and without https anywhere but on this machine (WebAuthn Level 3 §5.1.3, Secure Contexts §3.1).
 */
export function relyingParty(baseUrl: string): { id: string; origin: string } | undefined {
  const { protocol, hostname, origin } = new URL(baseUrl);
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return undefined;
  const local = hostname === 'localhost' || hostname.endsWith('.localhost');
  return protocol === 'https:' || local ? { id: hostname, origin } : undefined;
}
