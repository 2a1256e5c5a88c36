import type { AnyRoute } from '#kernel/route.ts';
import { outboxRoutes } from './outbox/routes.ts';
import { pageRoutes } from './pages/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';
import type { TokenIssuer } from './tokens/signing-key.ts';
import { townRoutes } from './town/routes.ts';

/** Everything that only a sandbox serves: the town, test tokens and their keys, the outbox, pages for people. None asks for a token. */
export function sandboxRoutes(options: { readonly tokens: TokenIssuer; readonly publicUrl: string }): AnyRoute[] {
  return [...townRoutes, ...tokenRoutes(options.tokens), ...outboxRoutes, ...pageRoutes(options.publicUrl)];
}
