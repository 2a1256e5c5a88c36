import { catalogue } from '#kernel/refusal.ts';

/** Codes and texts are on the wire: add rows, never renumber or reword. Ours, 9500 to 9549. */
export const sessionErrors = catalogue('BUD', {
  notFromOurPage: {
    code: 9500,
    status: 403,
    origin: 'budstikke',
    text: 'Somebody is logged in with this browser, but the request does not come from our own page: it lacks the header X-CSRF-Token with the csrfToken of GET /budstikke/v1/session, or comes from another site. Nothing was done.',
  },
  noSession: {
    code: 9502,
    status: 401,
    origin: 'budstikke',
    text: 'The caller showed a token and has no session. Sessions belong to browsers that logged in at /login.',
  },
  mayNotActFor: {
    code: 9520,
    status: 403,
    origin: 'budstikke',
    text: 'You may not act as a sender for the party that X-Acting-For names: it owns no services, or you neither administer access there nor may send on any of them. Nothing was done.',
  },
  levelTooLow: {
    code: 9521,
    status: 403,
    origin: 'budstikke',
    text: 'Who sends or decides for an organization must have logged in at a higher level. Nothing was done.',
  },
  logoutTokenInvalid: {
    code: 9503,
    status: 400,
    origin: 'budstikke',
    text: 'The logout token is not one of the login provider for this installation.',
    oauth: 'invalid_request',
  },
});
