import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { dataTypeOf } from '../attachments/file-name.ts';
import { plainTextOf } from '../forward/plain-text.ts';
import { letterTo } from '../send/content-hash.ts';
import { ownLetter } from '../send/mass/own-words.ts';
import { listFiles } from '../store/dialog.ts';
import { listHeads } from '../store/letter.ts';
import { listMessages, type Message } from '../store/message.ts';
import { replyButtons, replyTextOf } from './show-content.ts';

/** A message as a dialog shows it: all but its body, which is fetched by itself. Source: compatibility.md, correspondence, §4.10. */
export interface DialogPart {
  readonly message: Message;
  readonly language: string;
  readonly title: string;
  /** Without markup. */
  readonly summary: string | null;
  readonly messageSender: string | null;
  readonly sendersReference: string;
  /** As many as have buttons; the body tells them where there are more. */
  readonly replyOptions: readonly { readonly url: string; readonly text: string }[];
}

/** These messages as dialogs show them; those that nobody knows are left out. */
export async function listDialogParts(reader: Reader, ids: readonly CorrespondenceId[]): Promise<Map<CorrespondenceId, DialogPart>> {
  if (ids.length === 0) return new Map();
  const messages = await listMessages(reader, ids);
  const heads = await listHeads(reader, [...new Set(messages.map(({ submissionId }) => submissionId))]);
  return new Map(
    messages.map((message) => {
      const letter = letterTo(ownLetter(heads.get(message.submissionId)!, message.own), message.personalName);
      const { language, title, summary, messageSender, sendersReference, replyOptions } = letter;
      const buttons = replyOptions.length > replyButtons ? [] : replyOptions;
      const part: DialogPart = {
        message,
        language,
        title,
        summary: summary === null ? null : withoutMarkup(summary),
        messageSender,
        sendersReference,
        replyOptions: buttons.map((option) => ({ url: option.linkURL, text: replyTextOf(option, language) })),
      };
      return [message.id, part];
    }),
  );
}

function withoutMarkup(summary: string): string {
  return plainTextOf(summary.replaceAll(/<[^<>]*>/g, ''));
}

/** A file that can still be fetched. */
export interface DialogFile {
  readonly id: string;
  readonly fileName: string;
  readonly displayName: string | null;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly expiresAt: Date | null;
}

/** The files of these messages that can be fetched at this time, by message, in the order in which they show. */
export async function listDialogFiles(
  reader: Reader,
  messages: readonly CorrespondenceId[],
  at: Date,
): Promise<Map<CorrespondenceId, DialogFile[]>> {
  const rows = await listFiles(reader, messages, at);
  const files = rows.map(({ messageId, ...file }) => ({ messageId, file: { ...file, mediaType: dataTypeOf(file.fileName) } }));
  const byMessage = Map.groupBy(files, ({ messageId }) => messageId);
  return new Map([...byMessage].map(([id, group]) => [id, group.map(({ file }) => file)]));
}
