import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9850 to 9899; the original tells these by status alone. */
export const dialogErrors = catalogue('BUD', {
  dialogNotFound: { code: 9850, status: 404, origin: 'budstikke', text: 'There is no dialog with this id that you may read' },
  levelTooLow: { code: 9851, status: 403, origin: 'budstikke', text: 'The dialog asks for a login of level {level}' },
  callerNotEndUser: { code: 9852, status: 403, origin: 'budstikke', text: 'Dialogs are read by persons and system users' },
  revisionDiffers: { code: 9853, status: 412, origin: 'budstikke', text: 'The labels of the dialog have another revision' },
  labelNotGiven: { code: 9854, status: 422, origin: 'budstikke', text: 'The label Sent is given by the system alone' },
  filterNotOffered: { code: 9855, status: 422, origin: 'budstikke', text: 'Not offered: {what}' },
  continuationUnfit: { code: 9856, status: 422, origin: 'budstikke', text: 'The continuation token is none that this list gave' },
  tooManyParties: {
    code: 9857,
    status: 422,
    origin: 'budstikke',
    text: 'You act for more than {most} parties: name those whose dialogs you want',
  },
  activityNotFound: { code: 9858, status: 404, origin: 'budstikke', text: 'The dialog has no activity with this id' },
  transmissionNotFound: {
    code: 9859,
    status: 404,
    origin: 'budstikke',
    text: 'The dialog has no transmission with this id that you may read',
  },
  seenEntryNotFound: { code: 9860, status: 404, origin: 'budstikke', text: 'The dialog has no entry of having been seen with this id' },
  revisionUnreadable: { code: 9861, status: 400, origin: 'budstikke', text: 'If-Match names no revision' },
});
