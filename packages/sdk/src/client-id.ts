/** An id under which the server stores a message once, however often it is sent. */
// crypto.randomUUID is missing in browsers on pages that are not served securely.
export function newClientId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
