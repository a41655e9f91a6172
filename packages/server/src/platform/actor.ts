import type { Role, Scope } from '@confab/protocol';

/** Who is asking: taken from a verified access token, never from input. */
export interface Actor {
  userId: string;
  sessionId: string;
  role: Role;
  /** What the API token allows; null where it is no token but a person. */
  scopes: readonly Scope[] | null;
}
