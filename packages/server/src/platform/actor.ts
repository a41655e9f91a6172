import type { Role } from '@confab/protocol';

/** Who is asking: taken from a verified access token, never from input. */
export interface Actor {
  userId: string;
  sessionId: string;
  role: Role;
}
