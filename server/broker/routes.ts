import { custodyRoutes } from './custody/routes.ts';
import { decideRoutes } from './decide/routes.ts';
import { followRoutes } from './follow/routes.ts';
import { lookRoutes } from './look/routes.ts';
import { receiveRoutes } from './receive/routes.ts';
import { resourceRoutes } from './resources/routes.ts';
import { sendRoutes } from './send/routes.ts';
import { sentRoutes } from './sent/routes.ts';
import { monthlyRoutes } from './statistics/routes.ts';
import { tusRoutes } from './tus/routes.ts';

/** The operations of the Broker API that are served. Source: compatibility.md, broker, §1.1. */
export const brokerRoutes = [
  ...sendRoutes,
  ...lookRoutes,
  ...receiveRoutes,
  ...resourceRoutes,
  ...decideRoutes,
  ...custodyRoutes,
  ...followRoutes,
  ...sentRoutes,
  ...monthlyRoutes,
  ...tusRoutes,
];
