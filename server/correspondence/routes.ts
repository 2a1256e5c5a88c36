import { attachmentRoutes } from './attachments/routes.ts';
import { downloadRoutes } from './download/routes.ts';
import { forwardRoutes } from './forward/routes.ts';
import { maintenanceRoutes } from './maintenance/routes.ts';
import { readRoutes } from './read/routes.ts';
import { reminderRoutes } from './reminders/routes.ts';
import { sendRoutes } from './send/routes.ts';

/** The operations of the Correspondence API that are served. Source: compatibility.md, correspondence, §1.4. */
export const correspondenceRoutes = [
  ...sendRoutes,
  ...readRoutes,
  ...downloadRoutes,
  ...forwardRoutes,
  ...reminderRoutes,
  ...attachmentRoutes,
  ...maintenanceRoutes,
];
