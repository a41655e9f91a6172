import type { AccountState, Role } from '@confab/sdk';

export const ROLES: readonly (readonly [Role, string])[] = [
  ['owner', 'Owner'],
  ['admin', 'Administrator'],
  ['moderator', 'Moderator'],
  ['user', 'Member'],
  ['guest', 'Guest'],
];

export const STATES: readonly (readonly [AccountState, string])[] = [
  ['active', 'Active'],
  ['deactivated', 'Deactivated'],
  ['disabled', 'Disabled'],
  ['deleted', 'Deleted'],
];

export const roleName = (role: Role) => ROLES.find(([value]) => value === role)?.[1] ?? role;
