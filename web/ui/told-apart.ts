/**
 * Pure. What things are called where one chooses among them: no two the same. Each has names, from the short to the telling; what shares one
 * gets the next, and what shares its last is told by its place among its likes.
 */
export function toldApart(things: readonly (readonly string[])[], byPlace: (name: string, nth: number, of: number) => string): string[] {
  let names = things.map((ways) => ways[0] ?? '');
  const longest = Math.max(0, ...things.map((ways) => ways.length));
  for (let way = 1; way < longest; way += 1) {
    const likes = countOf(names);
    names = names.map((name, index) => (likes.get(name)! > 1 ? (things[index]![way] ?? name) : name));
  }
  const likes = countOf(names);
  const seen = new Map<string, number>();
  return names.map((name) => {
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return likes.get(name)! > 1 ? byPlace(name, nth, likes.get(name)!) : name;
  });
}

function countOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
