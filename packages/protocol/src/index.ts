/** The one definition of everything Confab says on the wire. */
export * from './accounts.ts';
export * from './automod.ts';
export * from './community.ts';
export * from './entities.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './messages.ts';
export * from './rest.ts';
export * from './rights.ts';
export * from './room-rights.ts';
