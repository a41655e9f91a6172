/** The browser's passkeys. What speaks to it is loaded when it is first used. */
import { ConfabError } from '@confab/sdk';
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';

type Json = Record<string, unknown>;

/**
 * Lets the person choose one of their passkeys and prove it. Answers what the server wants to see.
 * @param options as the server made them
 * @throws ConfabError invalid_passkey: none was chosen, or the browser has none
 */
export async function provePasskey(options: Json): Promise<Json> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  try {
    const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
    return { ...(await startAuthentication({ optionsJSON })) };
  } catch (cause) {
    throw new ConfabError(
      'invalid_passkey',
      'No passkey was used. Try again, or choose another way.',
      undefined,
      cause,
    );
  }
}
