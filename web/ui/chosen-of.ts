/** The one that was chosen of a list; where there is one only, that it is. */
export function chosenOf<T extends { readonly id: string }>(list: readonly T[], id: string): T | undefined {
  return list.find((each) => each.id === id) ?? (list.length === 1 ? list[0] : undefined);
}
