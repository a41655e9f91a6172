/** Addresses: proving them, one-time codes, and passwords that are forgotten or changed. */
import type { RestHandlers } from '../../platform/http/index.ts';
import type { Core } from './core.ts';
import { changeEmail, sendVerification, verifyEmail } from './email-addresses.ts';
import { requestCode, verifyCode } from './email-codes.ts';
import { changePassword, forgotPassword, resetPassword } from './password-changes.ts';

type Routes = RestHandlers<
  | 'requestCode'
  | 'verifyCode'
  | 'verifyEmail'
  | 'sendVerification'
  | 'changeEmail'
  | 'forgotPassword'
  | 'resetPassword'
  | 'changePassword'
>;

export function emailRoutes(core: Core): Routes {
  return {
    requestCode: ({ body, call }) => requestCode(core, body.email, call.ip),
    verifyCode: async ({ body, call }) =>
      core.answers.entered(call, body.transport, await verifyCode(core, body.email, body.code, call)),
    verifyEmail: ({ body, call }) => verifyEmail(core, body.token, call.ip),
    sendVerification: ({ actor, call }) => sendVerification(core, actor, call.ip),
    changeEmail: ({ body, actor, call }) => changeEmail(core, actor, body.email, call.ip),
    forgotPassword: ({ body, call }) => forgotPassword(core, body.email, call.ip),
    resetPassword: ({ body, call }) => resetPassword(core, body.token, body.password, call.ip),
    changePassword: ({ body, actor, call }) => changePassword(core, actor, body, call.ip),
  };
}
