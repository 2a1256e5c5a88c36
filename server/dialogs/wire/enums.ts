import { Enumeration } from '#kernel/schema.ts';

/** Names that the original has; the numbers are ours, for clients that send them. Source: compatibility.md, platform, §5.1. */
export const DialogStatus = Enumeration('DialogStatus', {
  NotApplicable: 1,
  InProgress: 2,
  Draft: 3,
  Awaiting: 4,
  RequiresAttention: 5,
  Completed: 6,
});
export const SystemLabelName = Enumeration('SystemLabel', { Default: 1, Bin: 2, Archive: 3, MarkedAsUnopened: 4, Sent: 5 });
export const transmissionTypes = {
  Information: 1,
  Acceptance: 2,
  Rejection: 3,
  Request: 4,
  Alert: 5,
  Decision: 6,
  Submission: 7,
  Correction: 8,
} as const;
export const TransmissionType = Enumeration('DialogTransmissionType', transmissionTypes);
export const ActivityType = Enumeration('DialogActivityType', {
  Information: 3,
  TransmissionOpened: 4,
  CorrespondenceOpened: 16,
  CorrespondenceConfirmed: 17,
});
export const ActorType = Enumeration('ActorType', { PartyRepresentative: 1, ServiceOwner: 2 });
export const ConsumerType = Enumeration('AttachmentUrlConsumerType', { Gui: 1, Api: 2 });
export const Priority = Enumeration('DialogGuiActionPriority', { Primary: 1, Secondary: 2, Tertiary: 3 });
export const HttpVerb = Enumeration('HttpVerb', { GET: 1, POST: 2, DELETE: 5 });
