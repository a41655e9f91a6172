import type { RestHandlers } from '../../platform/http/index.ts';
import { demandPresented } from './answers.ts';
import type { Core } from './core.ts';
import type { Csrf } from './csrf.ts';
import type { SigningKeys } from './keys.ts';
import { relyingParty } from './relying-party.ts';
import { createSignIn } from './sign-in.ts';

type Routes = RestHandlers<
  'waysIn' | 'signUp' | 'signIn' | 'refresh' | 'signOut' | 'csrf' | 'jwks' | 'profile' | 'findUsers' | 'user'
>;

export function signInRoutes(core: Core, csrf: Csrf, keys: SigningKeys): Routes {
  const { answers, sessions, people, config, letters, texts } = core;
  const signIn = createSignIn(core);
  return {
    waysIn: () =>
      Promise.resolve({
        mail: letters.enabled,
        sms: texts.enabled,
        guests: config.guests.enabled,
        passkeys: relyingParty(config.baseUrl()) !== undefined,
        providers: config.providers.map(({ id, name }) => ({ id, name })),
      }),
    signUp: async ({ body, call }) => answers.signedIn(call, body.transport, await signIn.signUp(body, call)),
    async signIn({ body, call }) {
      const who = body.email === undefined ? { username: body.username ?? '' } : { email: body.email };
      return answers.entered(call, body.transport, await signIn.signIn(who, body.password, call));
    },

    async refresh({ body, call }) {
      const { token, transport } = demandPresented(answers.presented(call, body));
      return answers.signedIn(call, transport, await sessions.refresh(token, call));
    },

    async signOut({ body, call }) {
      const refresh = answers.presented(call, body);
      if (refresh === undefined) return;
      await sessions.endByToken(refresh.token);
      if (refresh.transport === 'cookie') answers.forget(call);
    },

    csrf: ({ call }) => Promise.resolve({ csrfToken: csrf.issue(call) }),
    jwks: () => Promise.resolve(keys.jwks),

    profile: ({ actor }) => people.profile(actor.userId),
    user: ({ params }) => people.user(params.userId),
    findUsers: async ({ query }) => ({ users: await people.find(query.q, query.limit) }),
  };
}
