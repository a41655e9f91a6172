/** Lounges: public places, with a room for each language. */
export { loungeRoutes } from './routes.ts';
