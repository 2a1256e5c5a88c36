import { catalogue } from '#kernel/refusal.ts';

/** What asking for decisions refuses. Anything else that is wrong with one request is its answer: Indeterminate, with a status. */
export const authorizeErrors = catalogue('BUD', {
  tooManyDecisions: { code: 9783, status: 400, origin: 'budstikke', text: 'One call asks for at most {most} decisions' },
  mayNotExplain: {
    code: 9784,
    status: 403,
    origin: 'budstikke',
    text: 'Only who administers access at the party is told what others may do there',
  },
  tooManyValues: {
    code: 9838,
    status: 400,
    origin: 'budstikke',
    text: 'The questions of one call have at most {most} attribute values together',
  },
  subjectUnknown: { code: 9785, status: 404, origin: 'budstikke', text: 'The subject was not found' },
});
