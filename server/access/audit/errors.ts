import { catalogue } from '#kernel/refusal.ts';

export const auditErrors = catalogue('BUD', {
  auditNotFound: { code: 9786, status: 404, origin: 'budstikke', text: 'There is no log here that you may read' },
});
