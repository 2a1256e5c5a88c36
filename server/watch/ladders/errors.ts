import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9608 to 9649 and 9740 to 9749. */
export const ladderErrors = catalogue('BUD', {
  ladderNotFound: { code: 9608, status: 404, origin: 'budstikke', text: 'There is no ladder with this id that you may see' },
  ladderMisfit: { code: 9609, status: 400, origin: 'budstikke', text: 'The ladder cannot be climbed: {faults}' },
  ladderOfOthers: {
    code: 9610,
    status: 403,
    origin: 'budstikke',
    text: 'The ladder is a preset or belongs to another: give yours another id',
  },
  ladderIsDraft: {
    code: 9611,
    status: 409,
    origin: 'budstikke',
    text: 'The ladder is a draft of what others do: copy its steps into a ladder of your own',
  },
  tooManyLadders: { code: 9612, status: 409, origin: 'budstikke', text: 'You have {most} ladders, and may have no more' },
  tooManyVersions: { code: 9613, status: 409, origin: 'budstikke', text: 'The ladder has {most} versions: begin another' },
  resourceNotYours: { code: 9614, status: 403, origin: 'budstikke', text: 'Only the owner of a resource may see and choose its ladder' },
  oneOf: { code: 9615, status: 400, origin: 'budstikke', text: 'Give exactly one of {members}' },
  beyondLimits: { code: 9616, status: 403, origin: 'budstikke', text: 'The ladder goes beyond what the resource allows: {faults}' },
  stepUnknown: { code: 9617, status: 400, origin: 'budstikke', text: 'The ladder of this message has no step named {name}' },
  tooLate: {
    code: 9618,
    status: 409,
    origin: 'budstikke',
    text: 'The ladder can no longer be changed: the message is opened, ended or has failed',
  },
  notOrganization: {
    code: 9619,
    status: 403,
    origin: 'budstikke',
    text: 'The token is not one of an organization that is known here, or it is gone',
  },
  addressInvalid: { code: 9620, status: 400, origin: 'budstikke', text: 'This is not an address that a notice can go to: {field}' },
  tooManyChanges: {
    code: 9622,
    status: 409,
    origin: 'budstikke',
    text: 'The ladder of this message was changed {most} times, and can be changed no more',
  },
  outsideCalendar: { code: 9623, status: 400, origin: 'budstikke', text: 'Give an instant of the years 1900 to 2199' },
  linkInvalid: { code: 9624, status: 404, origin: 'budstikke', text: 'The link is not valid, or no longer' },
  tooManyAsked: {
    code: 9625,
    status: 429,
    origin: 'budstikke',
    text: 'You have had {most} addresses asked within a day: wait until tomorrow',
  },
  notAdministrator: {
    code: 9740,
    status: 403,
    origin: 'budstikke',
    text: 'Only who administers access at the owner may choose and write its ladders',
  },
  mayNotSendOn: { code: 9741, status: 403, origin: 'budstikke', text: 'There is no service with this id on which you may send' },
  limitsMisfit: { code: 9621, status: 400, origin: 'budstikke', text: 'The limits name a ladder that senders could not use: {ladder}' },
});
