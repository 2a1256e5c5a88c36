import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { listLetters } from '../store/letter.ts';
import type { Message } from '../store/message.ts';
import { contentSha256, letterTo } from './content-hash.ts';

/** The hash of what each recipient reads. Only a letter that greets by name has another than its submission's. */
export async function contentHashOf(reader: Reader, messages: readonly Message[]): Promise<Map<CorrespondenceId, string>> {
  const personal = messages.filter((message) => message.personalName !== null);
  const letters = await listLetters(reader, [...new Set(personal.map((message) => message.submissionId))]);
  return new Map(
    messages.map((message) => {
      const letter = message.personalName === null ? undefined : letters.get(message.submissionId);
      return [message.id, letter ? contentSha256(letterTo(letter, message.personalName)) : message.contentSha256];
    }),
  );
}
