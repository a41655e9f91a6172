/** Who may call what at all, in words and as the errors for those who may not. */
import {
  type ClientEventName,
  type ErrorCode,
  GUESTS_MAY,
  type RouteName,
  type RouteSpec,
  SCOPE_OF_EVENT,
  scopeOfRoute,
} from '@confab/protocol';

/** As Markdown. */
export function accessText(name: RouteName, row: RouteSpec): string {
  if (row.auth === 'none') return 'Anyone may call.';
  if (row.auth === 'refresh') return 'Needs a refresh token, in its cookie (with `x-csrf-token`) or in the body.';
  const who = row.role === undefined ? '' : ` of the role ${row.role} or above`;
  const when = row.stepUp === true ? ', shortly after `stepUp`' : '';
  const scope = scopeOfRoute(name);
  // A token proves nothing about who holds it now.
  const tokens = scope === null || row.stepUp === true ? 'Not for API tokens' : `API tokens need \`${scope}\``;
  const guests = GUESTS_MAY.routes.has(name) ? '' : '; not for guests';
  return `Needs an access token${who}${when}. ${tokens}${guests}.`;
}

export function accessErrors(name: RouteName, row: RouteSpec): ErrorCode[] {
  if (row.auth !== 'user') return [];
  const codes: ErrorCode[] = ['unauthenticated', 'token_expired', 'session_ended', 'scope_missing'];
  if (!GUESTS_MAY.routes.has(name)) codes.push('members_only');
  if (row.role !== undefined) codes.push('forbidden');
  if (row.stepUp === true) codes.push('step_up_required');
  return codes;
}

export function eventAccessErrors(name: ClientEventName): ErrorCode[] {
  const codes: ErrorCode[] = ['session_ended'];
  if (SCOPE_OF_EVENT[name] !== 'any') codes.push('scope_missing');
  if (!GUESTS_MAY.events.has(name)) codes.push('members_only');
  return codes;
}
