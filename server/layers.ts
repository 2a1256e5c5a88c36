/**
 * A folder imports only folders on earlier lines. Folders on one line never import one another.
 * `http` stands beside them: only `app.ts` imports it, so that any feature may have routes.
 * test/architecture.test.ts holds every import line against this list.
 */
export const layers = [
  ['kernel'],
  ['db'],
  ['jobs'],
  ['blobs'],
  ['backup', 'scanning'],
  ['evidence', 'events'],
  ['register', 'certificates'],
  ['identity'],
  ['access'],
  ['session'],
  ['notifications', 'enhetsregister'],
  ['watch'],
  ['relay', 'contacts'],
  ['subscriptions'],
  ['correspondence', 'broker'],
  ['dialogs'],
  ['inbox'],
  ['statistics'],
  ['mailings'],
  ['desk'],
  ['unread'],
  ['operator'],
  ['setup'],
  ['sandbox'],
] as const;

/** Lines a file may hold before it must be split by subject. */
export const ceilings = { source: 400, test: 800 } as const;
