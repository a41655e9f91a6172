/** Text messages by Twilio's REST interface, or one that speaks like it. */
import { type Sms, SmsRefusedError } from './index.ts';

export interface TwilioOptions {
  /** Scheme and host, without a slash at the end. */
  url: string;
  accountSid: string;
  authToken: string;
  /** A number in E.164 form or a name, as the account may use. */
  from: string;
  /** Milliseconds until an answer must be there. */
  timeoutMs?: number;
}

/**
 * Creates a message (https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource). It knows no
 * idempotency: what is tried again after a lost answer may arrive twice. Errors name neither number nor text.
 */
export function twilioSms({ url, accountSid, authToken, from, timeoutMs = 10_000 }: TwilioOptions): Sms {
  const endpoint = `${url}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  return {
    async send(to, text) {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams({ To: to, From: from, Body: text }),
        // A redirect would take the credentials elsewhere.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.ok) return response.body?.cancel();
      const { status } = response;
      const problem = `Twilio answered ${status}${await codeOf(response)}`;
      if (status >= 400 && status < 500 && status !== 429) throw new SmsRefusedError(problem);
      throw new Error(problem);
    },
  };
}

/** The number of the problem (https://www.twilio.com/docs/api/errors). Its words may repeat the number texted to. */
async function codeOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  return typeof code === 'number' ? `, error ${code}` : '';
}
