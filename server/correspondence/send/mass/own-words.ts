import type { StoredLetter } from '../../store/letter.ts';
import type { Message, OwnWords } from '../../store/message.ts';
import { type Letter, textsOf, withTexts } from '../content-hash.ts';
import { isPersonal } from '../rules/text-rules.ts';

const mark = /\{\{([A-Za-z][A-Za-z0-9_]{0,49})\}\}/g;

/** Pure. The fields that a letter to many leaves open, `{{name}}` in a title, summary or body; the recipient's name is none of them. */
export function fieldsOf(letter: Omit<Letter, 'language'>): Set<string> {
  const named = textsOf(letter).flatMap((text) => [...(text ?? '').matchAll(mark)].map(([, name]) => name!));
  return new Set(named.filter((name) => !isPersonal([`{{${name}}}`])));
}

/** Pure. The letter with a recipient's fields in their places. What a field says is not looked through again. */
export function filledLetter<L extends Omit<Letter, 'language'>>(letter: L, fields: OwnWords['fields']): L {
  if (!fields) return letter;
  return withTexts(letter, (text) => text.replaceAll(mark, (whole, name: string) => (Object.hasOwn(fields, name) ? fields[name]! : whole)));
}

/** Pure. A submission's letter with what one message says of its own. */
export function ownLetter(letter: StoredLetter, own: OwnWords | null): StoredLetter {
  if (own === null) return letter;
  const { sendersReference = letter.sendersReference, propertyList = letter.propertyList, fields } = own;
  return { ...filledLetter(letter, fields), sendersReference, propertyList };
}

/** Pure. Whether a message's words are other than its submission's. */
export function isOwnContent({ personalName, own }: Pick<Message, 'personalName' | 'own'>): boolean {
  return personalName !== null || own?.fields !== undefined;
}
