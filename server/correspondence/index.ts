export { scanResultRoutes } from './attachments/scan-results/routes.ts';
export type { CorrespondenceContext } from './context.ts';
export { zippedBytes } from './download/download-all-attachments.ts';
export { type BrowserLogin, callbackPath, createBrowserLogin } from './download/login/create-browser-login.ts';
export { browserLoginRoutes } from './download/login/routes.ts';
export { correspondenceErrors } from './errors.ts';
export type { ForwardContext } from './forward/context.ts';
export { dialogIdOf, messageOfDialog } from './read/dialog-id.ts';
export { type DialogFile, type DialogPart, listDialogFiles, listDialogParts } from './read/in-dialogs.ts';
export { lettersOnPaper } from './read/letters-on-paper.ts';
export { listSentMessages, type SentTitled } from './read/list-sent.ts';
export { areOwnSendings, isInPlaceOfSender, sendersLookedAfterBy } from './read/own-sending.ts';
export { type HeldMessage, holdMessage, holdMessages, recallMessages } from './read/recall-message.ts';
export { findPointlessNotices } from './reminders/notification-condition.ts';
export { tellOfNotifications } from './reminders/tell-of-notifications.ts';
export { createSending } from './send/accept-requests.ts';
export { type Copying, gatherLetterCopy, type LetterCopy } from './send/mass/copy-letter.ts';
export { gatherMassLetter, keptOwnWords, type MassLetter, type MassRequest, ownWordsError } from './send/mass/mass-letter.ts';
export {
  type MassAddressee,
  type MassOpenability,
  type MassReach,
  type MassRefusal,
  reachOfMany,
  refusalOf,
} from './send/mass/mass-reach.ts';
export { LetterToMany, ownMembers } from './send/mass/mass-wire.ts';
export { type MassMessage, type WrittenMass, writeMass } from './send/mass/write-mass.ts';
export { sendRefusals } from './send/routes.ts';
export type { Sending } from './send/sending.ts';
export { listAttachmentIdsOf } from './store/attachment.ts';
export {
  type ActRow,
  countTransmissions,
  listActs,
  listRecentTransmissions,
  listTransmissions,
  type TransmissionCount,
} from './store/dialog.ts';
export { findNextDueDate } from './store/due-date.ts';
export { findNextExpiry } from './store/expiry.ts';
export { findNextForwarding } from './store/forwarding.ts';
export { listTranslatedTo } from './store/letter.ts';
export { countPublished } from './store/mass.ts';
export { findNextPublishTime, type OwnWords } from './store/message.ts';
export { sentStandings } from './store/sent.ts';
