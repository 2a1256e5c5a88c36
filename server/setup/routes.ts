import type { Context } from '#kernel/context.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import { setupErrors as e } from './errors.ts';
import { registerKey } from './register-key.ts';
import { KeyRequest, LinkParams, RegisteredClient } from './wire.ts';

export const setupRoutes: readonly AnyRoute[] = [
  route({
    method: 'POST',
    path: '/budstikke/v1/setup/:token',
    summary: "Hands in a client's public key by the link that `budstikke admin init` printed; it works once, for a day.",
    scope: 'open',
    params: LinkParams,
    body: KeyRequest,
    maxBodyBytes: 50_000,
    answers: { 200: RegisteredClient },
    refusals: [e.linkNotValid, e.keyNotUsable],
    run: (ctx: Context, _, { params, body }) => registerKey(ctx, params.token, body),
  }),
];
