/** Sending text messages. `twilio.ts` implements it, and `outbox.ts` where there is no provider, for development. */

/** It will not be taken, however often it is tried. */
export class SmsRefusedError extends Error {
  override name = 'SmsRefusedError';
}

export interface Sms {
  /**
   * Resolves once the provider has taken it.
   * @param to E.164
   * @throws SmsRefusedError when it is refused for good; any other error may pass
   */
  send(to: string, text: string): Promise<void>;
}
