/** A notch of the stick: something that happened, or that is to come. */
export interface Notch {
  readonly id: string;
  readonly title: string;
  readonly when: string | null;
  readonly more?: string;
  /** `here`: where it is, and goes on from by itself. `stopped`: where it waits for somebody. `settled`: where it came to its end. */
  readonly state: 'done' | 'settled' | 'here' | 'stopped' | 'to-come';
}

interface Happened {
  readonly event: string;
}

/** Of the steps that were recorded, those that a person wants to see on the stick; the rest is for the record. */
const telling = new Set([
  'SubmissionAcceptance',
  'ContentConsignment',
  'ContentConsignmentFailure',
  'ConsignmentNotification',
  'ConsignmentNotificationFailure',
  'NotificationDelivered',
  'ContentAccessTracking',
  'ContentHandover',
  'ConsignmentAcceptance',
  'Forwarded',
  'Recalled',
  'AcceptedUnread',
  'ReadElsewhere',
  'Resent',
  'AccessLost',
  'AccessRegained',
  'AccessGranted',
  'LadderStep',
  'ContentPurged',
  'DeletedByRecipient',
]);

export function tellsSomething({ event }: Happened): boolean {
  return telling.has(event);
}
