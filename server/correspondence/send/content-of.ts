import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { listLetters } from '../store/letter.ts';
import type { Message } from '../store/message.ts';
import { contentSha256, letterTo } from './content-hash.ts';
import { isOwnContent, ownLetter } from './mass/own-words.ts';

/** The hash of what each recipient reads. Only a letter that greets by name or has fields has another than its submission's. */
export async function contentHashOf(reader: Reader, messages: readonly Message[]): Promise<Map<CorrespondenceId, string>> {
  const personal = messages.filter(isOwnContent);
  const letters = await listLetters(reader, [...new Set(personal.map((message) => message.submissionId))]);
  return new Map(
    messages.map((message) => {
      const letter = isOwnContent(message) ? letters.get(message.submissionId) : undefined;
      return [message.id, letter ? contentSha256(letterTo(ownLetter(letter, message.own), message.personalName)) : message.contentSha256];
    }),
  );
}
