/** Codes of our own API that nobody outside can bring about within seconds, each with the reason. Each is tried in the tests of its feature. */
export const ownOutOfReach: Readonly<Record<string, string>> = {
  'BUD-09108': 'a town has nobody who is gone',
  'BUD-09407': 'needs a watch that somebody has deleted past the triggers of the database',
  'BUD-09553': 'needs a person of more than a hundred parties',
  'BUD-09607': 'needs a client that is silent for long',
  'BUD-09612': 'needs as many ladders as one may have',
  'BUD-09613': 'needs as many versions of a ladder as there may be',
  'BUD-09622': 'needs twenty changes of one ladder',
  'BUD-09687': 'needs an address that was proved by the code of a mail',
  'BUD-09688': 'needs an address of the Contact and Reservation Register',
  'BUD-09692': 'needs fifty addresses, each with a code',
  'BUD-09701': 'needs a link that the operator has made',
  'BUD-09727': 'needs a period that is measured for long',
  'BUD-09729': 'needs a sender that is gone, and one that stands in for it',
  'BUD-09730': 'needs a token of Maskinporten',
  'BUD-09740': 'needs a browser that acts for the owner of a service',
  'BUD-09755': 'needs as many subscriptions as one may have',
  'BUD-09763': 'needs an endpoint that has answered',
  'BUD-09764': 'needs an endpoint that has answered',
  'BUD-09771': 'needs an endpoint that has answered',
  'BUD-09791': 'needs a grant that was taken away a day ago',
  'BUD-09840': 'needs a system user of another organization',
  'BUD-09850': 'the inbox has refused with 9552 before its dialog is asked for',
  'BUD-09851': 'needs a service of a higher level, whose letters the inbox has refused before',
  'BUD-09963': 'needs a transfer whose time is over',
  'BRO-00010': 'needs a file between its bytes and its publication',
};

const onceGiven = 'what is given anew was right when it was given, and the register has not changed since';
const ofLetter = 'what is given is one letter that the caller reads, to a person that the shape asks for';
const ofCaller = 'asks about a letter that the caller may open, for the caller itself';
const restore = 'POST /grants/{id}/restore';
const share = 'POST /inbox/{id}/share';
const why = 'GET /inbox/{id}/why';
const unseal = 'POST /sealed/{id}/grant';

const pairs = (operation: string, reason: string, ...codes: number[]) =>
  codes.map((code) => [`${operation} BUD-0${code}`, reason] as const);

/** Pairs that cannot come to pass although the code can elsewhere. */
export const ownElsewhere: Readonly<Record<string, string>> = Object.fromEntries([
  ...pairs(restore, onceGiven, 9101, 9103, 9104, 9105, 9106, 9107, 9109, 9110),
  ...pairs(share, ofLetter, 9100, 9101, 9105, 9106, 9839),
  ...pairs(why, ofCaller, 9100, 9101, 9105, 9783, 9784, 9785, 9838),
  ...pairs(unseal, 'a package that does not open it is 9715 first', 9103, 9104),
  ...pairs(unseal, 'which action is given is not for the caller to say', 9106),
  ...pairs(unseal, 'whoever could not give finds no envelope', 9110),
  ...pairs(unseal, 'what stands there opens it, and then it is sealed no longer', 9131),
  ...pairs('GET /inbox/{id}/seen-by', 'whoever the inbox shows an entry may read it, and is told who has seen it', 9786, 9790),
  ...pairs('GET /session/parties', 'the inbox has refused with 9555 before', 9401),
]);

/** Where letters are judged as they are where they are sent: their codes are provoked there. */
export const judgesLetters: readonly string[] = [
  'POST /mailings',
  'POST /mailings/{mailingId}/recipients',
  'POST /mailings/{mailingId}/release',
  'POST /correspondence/{correspondenceId}/decision',
];
