/** The browser's passkeys. What speaks to it is loaded when it is first used. */
import { ConfabError } from '@confab/sdk';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';

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

/**
 * Lets the person make a passkey. Answers what the server wants to see.
 * @param options as the server made them
 * @throws ConfabError invalid_passkey: none was made, or the browser cannot
 */
export async function makePasskey(options: Json): Promise<Json> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  try {
    const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
    return { ...(await startRegistration({ optionsJSON })) };
  } catch (cause) {
    const has = cause instanceof Error && cause.name === 'InvalidStateError';
    const message = has ? 'This device has a passkey for you already.' : 'No passkey was made. Try again.';
    throw new ConfabError('invalid_passkey', message, undefined, cause);
  }
}
