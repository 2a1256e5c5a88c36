/**
 * Tokens that a sender may write in its own wording, and what stands for them. Case-sensitive, as clients of the original
 * use them. Source: compatibility.md, correspondence, §6.1.
 */
export type TokenValues = Readonly<Partial<Record<TokenName, string>>>;

const tokenNames = [
  'sendersName',
  'correspondenceRecipientName',
  'resourceName',
  'messageTitle',
  'recipientName',
  'recipientNumber',
] as const;
export type TokenName = (typeof tokenNames)[number];

const token = new RegExp(`\\$(${tokenNames.join('|')})\\$`, 'g');

/**
 * Replaces the tokens that have a value and leaves the others for whoever knows them; what else stands between dollar signs is text. In
 * HTML the values are escaped. What stands for a token is never looked through for tokens, neither now nor when the rest is replaced:
 * that is the last time, and says so.
 */
export function replaceTokens(text: string, values: TokenValues, { html = false, last = false } = {}): string {
  const replaced = text.replaceAll(token, (whole, name: TokenName) => {
    const value = values[name];
    if (value === undefined) return whole;
    const line = oneLine(value);
    return (html ? escapeHtml(line) : line).replaceAll('$', heldDollar);
  });
  return last ? replaced.replaceAll(heldDollar, '$') : replaced;
}

/** A dollar sign of a value, until all tokens are replaced. For private use, so that it means nothing to anybody else. */
const heldDollar = '\uF4F4';

/** A name or a title in one line: nothing in it may pass for a line, or a header, of its own. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => entities[char]!);
}

/** `SKIEN KOMMUNE` → `Skien Kommune`: registers shout, and the original writes the recipient's name so. */
export function titleCased(name: string): string {
  return name.toLowerCase().replaceAll(/(^|[\s\-/.])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}
