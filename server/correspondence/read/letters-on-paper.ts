import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import type { EnclosedFile, PaperLetter } from '#relay/index.ts';
import { letterTo } from '../send/content-hash.ts';
import { ownLetter } from '../send/mass/own-words.ts';
import { availableForRecipient } from '../states.ts';
import { type Attachment, listAttachmentsOfMany } from '../store/attachment.ts';
import { listLetters } from '../store/letter.ts';
import { listMessages, type Message } from '../store/message.ts';

/**
 * Letters as they go on paper, each in the words that its recipient would read. What its recipient cannot read any more is left out. Five
 * statements for any number. Fills the hook of the relay.
 */
export async function lettersOnPaper(reader: Reader, ids: readonly string[]): Promise<ReadonlyMap<string, PaperLetter>> {
  const messages = (await listMessages(reader, ids as readonly CorrespondenceId[])).filter(({ state }) => availableForRecipient.has(state));
  const submissions = [...new Set(messages.map(({ submissionId }) => submissionId))];
  const letters = await listLetters(reader, submissions);
  const files = await listAttachmentsOfMany(reader, submissions);
  const parties = await findParties(reader, [...new Set(messages.flatMap(({ ownerId, recipientId }) => [ownerId, recipientId]))]);
  return new Map(
    messages.map((message) => {
      const letter = letterTo(ownLetter(letters.get(message.submissionId)!, message.own), message.personalName);
      return [
        message.id,
        {
          id: message.id,
          language: letter.language,
          title: letter.title,
          body: letter.body,
          sender: letter.messageSender ?? parties.get(message.ownerId)?.name ?? '',
          recipient: parties.get(message.recipientId)?.name ?? '',
          reference: letter.sendersReference,
          date: message.publishedAt ?? message.createdAt,
          files: files.filter(({ submissionId }) => submissionId === message.submissionId).map((file) => enclosed(message, file)),
        },
      ];
    }),
  );
}

function enclosed({ resourceId }: Message, file: Attachment): EnclosedFile {
  return {
    id: file.id,
    name: file.fileName,
    blobKey: file.blobKey,
    sizeBytes: file.sizeBytes ?? 0,
    sha256: file.sha256,
    isEncrypted: file.isEncrypted,
    isThere: file.state === 'Published',
    hasOwnRight: file.resourceId !== resourceId,
  };
}
