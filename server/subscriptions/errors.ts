import { catalogue } from '#kernel/refusal.ts';

/**
 * Our own numbers, 9750 to 9770. The first ones are the original's words on its own path, where a refusal is its bare text and
 * no number is seen. Source: compatibility.md, platform, §4.2.
 */
export const subscriptionErrors = catalogue('BUD', {
  endpointNotValid: { code: 9750, status: 400, origin: 'altinn', bare: true, text: 'Missing or invalid endpoint to push events towards' },
  sourceNotHttps: {
    code: 9751,
    status: 400,
    origin: 'altinn',
    bare: true,
    text: 'SourceFilter must be an absolute URL with the https scheme.',
  },
  resourceNotUrn: { code: 9752, status: 400, origin: 'altinn', bare: true, text: 'Resource filter must be a valid urn' },
  notAuthorized: {
    code: 9753,
    status: 403,
    origin: 'altinn',
    bare: true,
    text: 'Not authorized to create a subscription for resource {resource}',
  },
  notFound: { code: 9754, status: 404, origin: 'altinn', bare: true, text: 'There is no subscription with this id' },
  tooMany: { code: 9755, status: 400, origin: 'altinn', bare: true, text: 'You have {most} subscriptions, and cannot have more' },
  resourceNotGiven: { code: 9756, status: 400, origin: 'altinn', bare: true, text: "The 'resource' parameter must be defined." },
  afterNotValid: { code: 9757, status: 400, origin: 'altinn', bare: true, text: "The 'after' parameter must be 0 or the id of an event." },
  oneSubject: {
    code: 9758,
    status: 400,
    origin: 'altinn',
    bare: true,
    text: "Only one of 'subject' or 'alternative-subject' can be defined.",
  },
  subscriptionNotFound: { code: 9760, status: 404, origin: 'budstikke', text: 'There is no subscription with this id that is yours' },
  notValidated: {
    code: 9761,
    status: 409,
    origin: 'budstikke',
    text: 'The endpoint has not answered its validation event yet; ask for another by PUT /events/api/v1/subscriptions/validate/{id}',
  },
  notPaused: { code: 9762, status: 409, origin: 'budstikke', text: 'The subscription is not paused' },
  replayTooLarge: {
    code: 9763,
    status: 400,
    origin: 'budstikke',
    text: 'More than {most} events of the resource lie in this time; ask for a shorter one',
  },
  notActive: {
    code: 9770,
    status: 409,
    origin: 'budstikke',
    text: 'A subscription rests only once its endpoint has answered; this one has not',
  },
  testedJustNow: {
    code: 9771,
    status: 429,
    origin: 'budstikke',
    text: 'The endpoint was tested just now; it can be tested again after {seconds} seconds',
  },
  replayBackwards: { code: 9764, status: 400, origin: 'budstikke', text: 'The time to replay ends before it begins' },
});
