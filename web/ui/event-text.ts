import type { Say, TextKey } from './language.ts';

/** Names of ETSI EN 319 522, and ours for the rest, that there are words for. */
const events = [
  'SubmissionAcceptance',
  'ContentConsignment',
  'ContentConsignmentFailure',
  'ConsignmentNotification',
  'ConsignmentNotificationFailure',
  'NotificationDelivered',
  'NotificationAccessTracking',
  'ContentAsked',
  'ContentAccessTracking',
  'ContentHandover',
  'PartHandedOver',
  'HandoverInterrupted',
  'ContentHandoverFailure',
  'ConsignmentAcceptance',
  'SubmissionOpened',
  'OverviewFetched',
  'SenderViewed',
  'Forwarded',
  'Recalled',
  'AcceptedUnread',
  'ReadElsewhere',
  'Resent',
  'AccessLost',
  'AccessRegained',
  'AccessGranted',
  'AccessRevoked',
  'LadderStep',
  'BytesReceived',
  'Scanned',
  'ScanDeferred',
  'ContentPurged',
  'DeletedByRecipient',
] as const;

/** A step in words that a citizen uses; the standard's name where there are none. */
export function eventText(t: Say, event: string): string {
  const known = events.find((each) => each === event);
  return known ? t(`event.${known}` as TextKey) : event || t('event.other');
}
