export type { TimeKeeping } from './clock/advance.ts';
export { fillImplicit, type Implicit } from './implicit.ts';
export { catchMessages } from './outbox/catch.ts';
export { sandboxRoutes } from './routes.ts';
export { createTokenIssuers, type TokenIssuer, type TokenIssuers } from './tokens/signing-key.ts';
export { loadFirstTown } from './town/load-first-town.ts';
export { loadTown, type TownSummary } from './town/load-town.ts';
export { printTownSchema } from './town/schema.ts';
