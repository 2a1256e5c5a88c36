/** The code inside the name of a role or an access package as people write it: in any case, alone or at the end of a URN. */
export function codeOf(text: string): string {
  return text.slice(text.lastIndexOf(':') + 1).toLowerCase();
}
