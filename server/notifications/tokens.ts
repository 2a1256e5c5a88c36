/**
 * Tokens that a sender may write in its own wording, and what stands for them. Case-sensitive, as clients of the original
 * use them. Source: compatibility.md, correspondence, §6.1.
 */
export type TokenValues = Readonly<Partial<Record<TokenName, string>>>;

export type TokenName =
  | 'sendersName'
  | 'correspondenceRecipientName'
  | 'resourceName'
  | 'messageTitle'
  | 'recipientName'
  | 'recipientNumber';

/** Replaces the tokens that have a value and leaves the others for whoever knows them. In HTML the values are escaped. */
export function replaceTokens(text: string, values: TokenValues, html = false): string {
  return text.replaceAll(/\$(\w+)\$/g, (whole, name: string) => {
    const value = values[name as TokenName];
    if (value === undefined) return whole;
    return html ? escapeHtml(value) : value;
  });
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => entities[char]!);
}

/** `SKIEN KOMMUNE` → `Skien Kommune`: registers shout, and the original writes the recipient's name so. */
export function titleCased(name: string): string {
  return name.toLowerCase().replaceAll(/(^|[\s\-/.])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}
