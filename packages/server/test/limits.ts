import type { Limits } from '../src/platform/limiter/index.ts';

/** For tests that are not about how often something may be done. */
export const NO_LIMITS: Limits = {
  api: null,
  events: null,
  heartbeat: null,
  refresh: null,
  messages: null,
  matches: null,
  sign_in: null,
  sign_in_account: null,
  sign_in_address: null,
  codes: null,
  codes_hourly: null,
  codes_address: null,
  sign_up: null,
};

/** The same as environment variables. */
export const LIMITS_OFF: Record<string, string> = Object.fromEntries(
  Object.keys(NO_LIMITS).map((name) => [`RATE_LIMIT_${name.toUpperCase()}`, 'off']),
);
