import { operatorScope } from '#desk/index.ts';
import { type AnyRoute, route } from '#kernel/route.ts';
import type { OperatorContext } from './context.ts';
import { operatorErrors as e } from './errors.ts';
import { showInstallation } from './show-installation.ts';
import { InstallationView } from './wire.ts';

export const operatorRoutes: readonly AnyRoute[] = [
  route({
    method: 'GET',
    path: '/budstikke/v1/operator',
    summary: 'How this installation stands: queues, ladders, gateways, scans, storage, rules. Nothing about anybody.',
    scope: [
      { issuer: 'any', all: [operatorScope] },
      { issuer: 'altinn', all: ['altinn:portal/enduser'] },
    ],
    answers: { 200: InstallationView },
    refusals: [e.notOperator],
    run: (ctx: OperatorContext, caller) => showInstallation(ctx, caller),
  }),
];
