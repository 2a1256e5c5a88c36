/** Marks that turn the direction of text: with them `faktura‮fdp.exe` reads as a PDF. */
const turning = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const unseen = /[\u0000-\u001f\u007f-\u009f\u200b\ufeff]/g;

/** A name or title as one line that is what it looks like; what is endless is cut. */
export function plainly(text: string, longest = 300): string {
  const clean = text.replace(turning, '').replace(unseen, ' ').trim();
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}
