/** The last moment of a day that was chosen, as the browser's own zone has it: access that ends on a day lasts through it. */
export function endOfDay(date: string): string {
  return new Date(`${date}T23:59:59`).toISOString();
}
