const oslo = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Oslo', hour: 'numeric', hourCycle: 'h23' });

/** The hour in Norway. */
export function hourInNorway(at: Date): number {
  return Number(oslo.format(at));
}

/** To the next time that it is past `hour` in Norway; past ten, SMS may go. */
export async function toTheHour(hour: number, now: () => Date, advance: (seconds: number) => Promise<void>): Promise<void> {
  const hours = (hour + 24 - hourInNorway(now())) % 24;
  await advance(hours * 3600);
}

export function toTheMorning(now: () => Date, advance: (seconds: number) => Promise<void>): Promise<void> {
  return toTheHour(10, now, advance);
}
