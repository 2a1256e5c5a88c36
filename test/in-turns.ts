/** Some at a time, until all are done. */
export async function inTurns<T>(items: readonly T[], each: (item: T) => Promise<void>, atOnce = 6): Promise<void> {
  const waiting = [...items];
  const turn = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await each(item);
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
}
