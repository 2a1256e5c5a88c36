import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9600 to 9649. */
export const mailingErrors = catalogue('BUD', {
  mailingNotFound: { code: 9600, status: 404, origin: 'budstikke', text: 'There is no mailing with this id that you have made' },
  mailingClosed: { code: 9601, status: 409, origin: 'budstikke', text: 'The mailing is {state} and takes no more recipients' },
  linesMissing: { code: 9602, status: 409, origin: 'budstikke', text: 'Lines are missing before this one: continue from line {next}' },
  keyUsedOtherwise: {
    code: 9603,
    status: 409,
    origin: 'budstikke',
    text: 'The idempotency key was used for a mailing with another content',
  },
  nothingToRelease: { code: 9604, status: 409, origin: 'budstikke', text: 'The mailing has no recipient that it could be sent to' },
  recipientsMissing: { code: 9605, status: 409, origin: 'budstikke', text: 'The mailing has {received} lines, and you said {expected}' },
  nothingCame: {
    code: 9607,
    status: 408,
    origin: 'budstikke',
    text: 'Nothing came for {seconds} seconds: continue from the line that the mailing names',
  },
  notMovable: { code: 9606, status: 409, origin: 'budstikke', text: 'A mailing that is {state} cannot be {moved}' },
});

/** Why a line is not sent, 9650 to 9699. Listed by line; never answered to a request. `{field}` is told beside it. */
export const lineErrors = catalogue('BUD', {
  notJson: { code: 9650, status: 400, origin: 'budstikke', text: 'The line is not a JSON object in UTF-8' },
  tooLong: { code: 9651, status: 400, origin: 'budstikke', text: 'The line is longer than 65536 bytes' },
  misfit: { code: 9652, status: 400, origin: 'budstikke', text: 'The line has a member that does not fit' },
  numberInvalid: {
    code: 9653,
    status: 400,
    origin: 'budstikke',
    text: 'The recipient is not a number or URN of a person or an organization',
  },
  recipientUnknown: { code: 9654, status: 400, origin: 'budstikke', text: 'The recipient is not known' },
  recipientTwice: { code: 9655, status: 400, origin: 'budstikke', text: 'The recipient stands in the mailing already' },
  reserved: { code: 9656, status: 400, origin: 'budstikke', text: 'The recipient has reserved against digital post' },
  cannotOpen: {
    code: 9657,
    status: 400,
    origin: 'budstikke',
    text: 'The letter is confidential, and nobody can open it for the recipient',
  },
  nameless: { code: 9658, status: 400, origin: 'budstikke', text: 'The letter greets by name, and the recipient has none' },
  fieldMissing: { code: 9659, status: 400, origin: 'budstikke', text: 'A field of the letter has no value' },
  contentUnfit: {
    code: 9660,
    status: 400,
    origin: 'budstikke',
    text: 'The letter breaks a rule of content with these fields or references',
  },
  textUnkeepable: {
    code: 9661,
    status: 400,
    origin: 'budstikke',
    text: 'The line has a text that cannot be kept: a null character or half a character',
  },
  leftOut: {
    code: 9693,
    status: 400,
    origin: 'budstikke',
    text: 'The sender chose not to send it where nobody can open it, or nobody has been for long',
  },
});

export type LineError = keyof typeof lineErrors;
