import type { Reader } from './database.ts';

/** A text that is kept encrypted, and where: it opens at no other place. */
export interface EncryptedText {
  readonly bytes: Buffer;
  readonly place: string;
}

/**
 * How what letters say is kept in rows: as it is, or encrypted. Every database has one, so that whoever writes a text asks, and whoever
 * reads one never needs to know.
 */
export interface Contents {
  /** The text, encrypted for this place; null where texts are kept as they are. Never waits: a transaction may be open. */
  encrypt(text: string, place: string): Buffer | null;
  /** In their order. Throws `ContentUnreadable` for a text that was changed, or brought from another place, or whose key is gone. */
  decrypt(reader: Reader, texts: readonly EncryptedText[]): Promise<string[]>;
}

/** A row holds content that cannot be opened. Tells the place, which names a row, and nothing of what stands there. */
export class ContentUnreadable extends Error {
  override readonly name = 'ContentUnreadable';

  constructor(place: string, cause?: unknown) {
    super(`content cannot be opened: ${place}`, { cause });
  }
}

/** Texts are kept as they are. */
export const plainContents: Contents = {
  encrypt: () => null,
  decrypt: async (_, texts) => {
    if (texts.length > 0) throw new ContentUnreadable(texts[0]!.place);
    return [];
  },
};

/** A text as it goes into a row: in the clear, or else encrypted; never both. The bytes are as JSON and COPY take them. */
export interface KeptText {
  readonly plain: string | null;
  readonly encrypted: string | null;
}

/** Pure but for what it draws. Null stays null. */
export function keepText({ contents }: { readonly contents: Contents }, text: string | null, place: string): KeptText {
  const bytes = text === null ? null : contents.encrypt(text, place);
  return bytes === null ? { plain: text, encrypted: null } : { plain: null, encrypted: `\\x${bytes.toString('hex')}` };
}

/**
 * Rows with what `encryptedIn` finds in them in the clear. `opened` gives a row back with its texts, in the order in which they were
 * found; one without any is given back as it came. One question to the database at most, whatever the number.
 */
export async function openRows<R, O>(
  reader: Reader,
  rows: readonly R[],
  encryptedIn: (row: R) => readonly (EncryptedText | null)[],
  opened: (row: R, texts: readonly (string | null)[]) => O,
): Promise<O[]> {
  const found = rows.map(encryptedIn);
  const texts = found.flatMap((each) => each.filter((text) => text !== null));
  const clear = texts.length === 0 ? [] : await reader.contents.decrypt(reader, texts);
  let next = 0;
  return rows.map((row, i) =>
    opened(
      row,
      found[i]!.map((text) => (text === null ? null : clear[next++]!)),
    ),
  );
}

/** What stands encrypted in a column, if anything does. */
export function encryptedAt(bytes: Buffer | null, place: string): EncryptedText | null {
  return bytes === null ? null : { bytes, place };
}
