import { useText } from '../ui/language.ts';

/** Events that one can ask for by name here; others are had by asking for all. */
export const eventTypes = {
  correspondencepublished: 'no.altinn.correspondence.correspondencepublished',
  correspondencereceiverread: 'no.altinn.correspondence.correspondencereceiverread',
  correspondencereceiverconfirmed: 'no.altinn.correspondence.correspondencereceiverconfirmed',
  correspondencereceiverneverread: 'no.altinn.correspondence.correspondencereceiverneverread',
  'decision-needed': 'no.budstikke.watch.decision-needed',
  published: 'no.altinn.broker.published',
  downloadconfirmed: 'no.altinn.broker.downloadconfirmed',
  allconfirmeddownloaded: 'no.altinn.broker.allconfirmeddownloaded',
} as const;

export type EventName = keyof typeof eventTypes;
export const eventNames = Object.keys(eventTypes) as EventName[];

/** What is told of besides, by the last part of its type. */
const others = [
  'correspondenceinitialized',
  'correspondencepublishfailed',
  'correspondencepurged',
  'correspondencereceiverneverconfirmed',
  'correspondencenotificationdelivered',
  'correspondencenotificationfailed',
  'correspondencenotificationallfailed',
  'notificationcreated',
  'step-taken',
  'decided',
  'filetransferinitialized',
  'uploadprocessing',
  'filepurged',
] as const;

/** What happened, in words where there are some; else the type as it stands in the event. */
export function useEventName(): (type: string) => string {
  const { t } = useText();
  return (type) => {
    const name = eventNames.find((each) => eventTypes[each] === type);
    const other = others.find((each) => each === type.split('.').at(-1));
    return name || other ? t(`webhooks.event.${(name ?? other)!}`) : type;
  };
}
