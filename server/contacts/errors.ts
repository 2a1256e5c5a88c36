import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9680 to 9699. */
export const contactErrors = catalogue('BUD', {
  personsOnly: { code: 9680, status: 403, origin: 'budstikke', text: 'Only a person who has logged in keeps addresses' },
  partyNotYours: { code: 9681, status: 404, origin: 'budstikke', text: 'You keep no addresses of such a party' },
  addressInvalid: {
    code: 9682,
    status: 400,
    origin: 'budstikke',
    text: 'The address must be an e-mail address, or a mobile number with its country code',
  },
  addressNotFound: { code: 9683, status: 404, origin: 'budstikke', text: 'You keep no such address' },
  tooManyCodes: { code: 9684, status: 429, origin: 'budstikke', text: 'Too many codes were asked for within an hour. Wait and try again' },
  codeWrong: { code: 9685, status: 400, origin: 'budstikke', text: 'This is not the code that was sent' },
  proofOver: {
    code: 9686,
    status: 409,
    origin: 'budstikke',
    text: 'The code is used, is older than a quarter of an hour, or was mistyped five times. Ask for another',
  },
  lastAddress: { code: 9687, status: 409, origin: 'budstikke', text: 'An organization keeps one address at the least. Add another first' },
  keptElsewhere: {
    code: 9688,
    status: 409,
    origin: 'budstikke',
    text: 'This address stands in the Contact and Reservation Register and is changed there',
  },
  loginTooLow: { code: 9689, status: 403, origin: 'budstikke', text: 'Log in at substantial level or higher to change where notices go' },
  quietTooLong: {
    code: 9690,
    status: 400,
    origin: 'budstikke',
    text: 'Quiet hours must leave eight hours of the day, and two of those from 9 to 17',
  },
  organizationNotYours: { code: 9691, status: 400, origin: 'budstikke', text: 'You act for no such organization' },
  tooManyAddresses: { code: 9692, status: 409, origin: 'budstikke', text: 'There may be 50 addresses at most' },
});
