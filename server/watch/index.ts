export { ageInDays } from './age.ts';
export { type AlikeWatch, beginAlikeWatches } from './begin-alike.ts';
export { beginWatches } from './begin-watches.ts';
export { type Cause, causes } from './causes/cause.ts';
export { type CauseDrift, readCauseDrift } from './causes/store.ts';
export { type CauseComparison, type CauseSweep, compareCauses, sweepCauses } from './causes/sweep-causes.ts';
export { type SenderDecision, settleByDecision, weighDecision } from './decide-for-sender.ts';
export { beginKeeping, decideKeeping, type KeepDecision, type Keeping, mayComeBackDays } from './decide-keeping.ts';
export { deciderOf, nameOfDecider } from './decider.ts';
export { watchErrors } from './errors.ts';
export { failPublishedWatches, failWatches } from './fail-watches.ts';
export { findSealed, type Sealed } from './find-sealed.ts';
export { findWatch } from './find-watch.ts';
export { onPeopleToTell } from './hold-for-answers.ts';
export { changeLadder } from './ladders/change-ladder.ts';
export { ladderErrors } from './ladders/errors.ts';
export { ownerSeenBy } from './ladders/owner-of.ts';
export { MessageLadder } from './ladders/wire.ts';
export { listSealed, missingIn } from './list-sealed.ts';
export { listUnopenedConfidential, type UnopenedConfidential } from './list-unopened.ts';
export { type Confirmation, noteConfirmed, noteOpened, type Opening, type Progress } from './note-acts.ts';
export { noteDeliveryFailed } from './note-delivery-failed.ts';
export { noteHandedOver } from './note-handed-over.ts';
export { listUnopened, noteRelayed, noteRelayFailed, noteReturned } from './note-relay.ts';
export { publishWatches } from './publish-watches.ts';
export { reevaluate, reevaluatePolicies, sweepVersions } from './reevaluate.ts';
export { onRelay, type RelayAnswer, type RelayStep } from './relay.ts';
export { findPointlessDigests } from './sender-digest.ts';
export { listHearers } from './sender-readers.ts';
export { settleWatch } from './settle-watch.ts';
export { type Outcome, outcomes } from './states.ts';
export type { WatchItem } from './store/item.ts';
export { readWatchLag, type WatchLag } from './store/lag.ts';
export { listCommonNoticesOf, listToldTogether, listTurns } from './store/step.ts';
export type { TellingWatch } from './store/told.ts';
export { nextStepDueAt, takeDueSteps, type WatchContext } from './take-due-steps.ts';
export type { Addresses } from './take-step.ts';
export { tellMailsAgain } from './tell-mails-again.ts';
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
export { enoughToTell, type GoingBytes, keepBytesUntil, noteBytesGoing, tellBytesGoing, unreadBytesEvent } from './unread-bytes.ts';
export { DecisionRequest, WatchView } from './wire.ts';
