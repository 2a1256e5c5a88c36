export { ageInDays } from './age.ts';
export { type AlikeWatch, beginAlikeWatches } from './begin/begin-alike.ts';
export { beginWatches } from './begin/begin-watches.ts';
export { failPublishedWatches, failWatches } from './begin/fail-watches.ts';
export { publishWatches } from './begin/publish-watches.ts';
export { type Cause, causes } from './causes/cause.ts';
export { type CauseDrift, readCauseDrift } from './causes/store.ts';
export { type CauseComparison, type CauseSweep, compareCauses, sweepCauses } from './causes/sweep-causes.ts';
export { onPeopleToTell } from './climb/hold-for-answers.ts';
export { onRelay, type RelayAnswer, type RelayStep } from './climb/relay.ts';
export { nextStepDueAt, takeDueSteps, type WatchContext } from './climb/take-due-steps.ts';
export { watchErrors } from './errors.ts';
export { findWatch, watchFor } from './find-watch.ts';
export { changeLadder } from './ladders/change-ladder.ts';
export { ladderErrors } from './ladders/errors.ts';
export { ownerSeenBy } from './ladders/owner-of.ts';
export { MessageLadder } from './ladders/wire.ts';
export { reevaluate, reevaluatePolicies, sweepVersions } from './openers/reevaluate.ts';
export { despiteWatch, type Noting, notingAtOnce, takeUpOwed } from './progress/despite-watch.ts';
export { findMoved } from './progress/find-moved.ts';
export { findNoLongerTheirs } from './progress/find-no-longer-theirs.ts';
export { type Confirmation, noteConfirmed, noteOpened, type Opening, type Progress } from './progress/note-acts.ts';
export { noteCalledOff } from './progress/note-called-off.ts';
export { noteDeliveryFailed } from './progress/note-delivery-failed.ts';
export { noteHandedOver } from './progress/note-handed-over.ts';
export { notePartsGiven, type PartsGiven } from './progress/note-parts.ts';
export { listUnopened, noteRelayed, noteRelayFailed, noteReturned } from './progress/note-relay.ts';
export { settleWatch } from './progress/settle-watch.ts';
export { findSealed, type Sealed } from './sealed/find-sealed.ts';
export { listSealed, missingIn } from './sealed/list-sealed.ts';
export { listUnopenedConfidential, type UnopenedConfidential } from './sealed/list-unopened.ts';
export { type SenderDecision, settleByDecisions, weighDecision, weighDecisions } from './sender/decide-for-sender.ts';
export { beginKeeping, decideKeeping, type KeepDecision, type Keeping, mayComeBackDays } from './sender/decide-keeping.ts';
export { deciderOf, nameOfDecider } from './sender/decider.ts';
export { sections as digestSections } from './sender/digest-numbers.ts';
export { freshenMails } from './sender/freshen-mails.ts';
export { ringIfMissing } from './sender/missing-watch.ts';
export { findPointlessDigests } from './sender/sender-digest.ts';
export { listHearers } from './sender/sender-readers.ts';
export { noteDeletedUnread, tellDeletedUnread } from './sender/tell-deleted.ts';
export { tellMailsAgain } from './sender/tell-mails-again.ts';
export {
  enoughToTell,
  type GoingBytes,
  keepBytesUntil,
  noteBytesGoing,
  noteFilesOver,
  tellBytesGoing,
  unreadBytesEvent,
} from './sender/unread-bytes.ts';
export { type Outcome, outcomes } from './states.ts';
export { lockUnlessHeld, type WatchItem } from './store/item.ts';
export { readWatchLag, type WatchLag } from './store/lag.ts';
export { listCommonNoticesOf, listToldTogether, listTurns } from './store/step.ts';
export type { TellingWatch } from './store/told.ts';
export {
  type AlikeWatches,
  type SenderStep,
  type WatchBegin,
  type WatchFailure,
  type WatchNeed,
  type WatchPublication,
  type WatchSettlement,
  watchKey,
} from './types.ts';
export { DecisionRequest, WatchView } from './wire.ts';
