import type { AnyRoute } from '#kernel/route.ts';
import { boardRoutes } from './board/routes.ts';
import { decideRoutes } from './decide/routes.ts';
import { figuresRoutes } from './figures/routes.ts';
import { mailRoutes } from './mail/routes.ts';
import { metricsRoutes } from './metrics/routes.ts';
import { routineRoutes } from './routine/routes.ts';
import { sealedRoutes } from './sealed/routes.ts';
import { statementRoutes } from './statement/routes.ts';

export const unreadRoutes: readonly AnyRoute[] = [
  ...boardRoutes,
  ...decideRoutes,
  ...figuresRoutes,
  ...mailRoutes,
  ...metricsRoutes,
  ...routineRoutes,
  ...sealedRoutes,
  ...statementRoutes,
];
