import type { ActRow, DialogPart } from '#correspondence/index.ts';
import { dialogIdOf } from '#correspondence/index.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { type StoredNotice, toOpeners } from '#notifications/index.ts';
import { partId } from '../derived-ids.ts';
import type { Activity } from '../wire/parts.ts';
import { actor, type Parties, serviceOwner } from './actors.ts';
import { dialogTexts, downloadStarted, inAll } from './texts.ts';

/** What is known of a message in a dialog, for its log. */
export interface Told {
  readonly dialog: CorrespondenceId;
  readonly part: DialogPart;
  /** Of this message, oldest first. */
  readonly acts: readonly ActRow[];
  readonly notices: readonly StoredNotice[];
  /** Names of files by their id. */
  readonly files: ReadonlyMap<string, string>;
}

/** Pure. What a dialog's log tells of one of its messages, oldest first. Source: compatibility.md, correspondence, §4.10. */
export function activitiesOf({ dialog, part: { message }, acts, notices, files }: Told, parties: Parties): Activity[] {
  const transmissionId = message.id === dialog ? null : dialogIdOf(message.id);
  const common = { extendedType: null, transmissionId, description: [] };
  const by = (act: ActRow | undefined) => actor(dialog, act?.partyId ?? null, parties);
  const told: Activity[] = [];

  if (message.openedAt) {
    const act = acts.find(({ at }) => at.getTime() === message.openedAt!.getTime());
    const type = transmissionId ? 'TransmissionOpened' : 'CorrespondenceOpened';
    told.push({ ...common, id: partId(message.id, 'opened'), createdAt: message.openedAt.toISOString(), type, performedBy: by(act) });
  }
  const fetched = new Set<string>();
  for (const act of acts) {
    const activity = { ...common, id: act.id, createdAt: act.at.toISOString(), performedBy: by(act) };
    if (act.status === 'Confirmed') told.push({ ...activity, type: 'CorrespondenceConfirmed' });
    if (act.status === 'Forwarded') told.push({ ...activity, type: 'Information', description: inAll(dialogTexts.forwarded) });
    const file = act.status === 'AttachmentsDownloaded' ? fileIn(act.text, files) : undefined;
    if (!file || fetched.has(file.id)) continue;
    fetched.add(file.id);
    told.push({ ...activity, type: 'Information', description: downloadStarted(file.name) });
  }
  for (const notice of notices) {
    const text = noticeText(notice);
    const createdAt = notice.changedAt.toISOString();
    if (text) told.push({ ...common, id: notice.id, createdAt, type: 'Information', performedBy: serviceOwner, description: inAll(text) });
  }
  return inOrder(told);
}

/** Pure. Oldest first. */
export function inOrder(activities: readonly Activity[]): Activity[] {
  return activities.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
}

function fileIn(text: string, files: ReadonlyMap<string, string>): { id: string; name: string } | undefined {
  const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(text)?.[0];
  const name = id === undefined ? undefined : files.get(id);
  return name === undefined ? undefined : { id: id!, name };
}

/** Notices to those who can open; what is told to administrators and senders is none of the readers' business. */
function noticeText({ purpose, channel, state }: StoredNotice) {
  if (!(toOpeners as readonly string[]).includes(purpose)) return undefined;
  if (state === 'handed-over' || state === 'delivered') return channel === 'email' ? dialogTexts.emailSent : dialogTexts.smsSent;
  return state === 'failed' ? (channel === 'email' ? dialogTexts.emailFailed : dialogTexts.smsFailed) : undefined;
}
