/** The one definition of everything Confab says on the wire. */
export * from './entities.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './ids.ts';
export * from './rest.ts';
