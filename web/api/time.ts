let aheadMillis = 0;

/** The server says what time it is there: its clock decides when something is due, also one that a sandbox has moved. */
export function rememberTime(now: string): void {
  aheadMillis = Date.parse(now) - Date.now();
}

/** What time it is at the server, as far as this page knows. */
export function timeNow(): number {
  return Date.now() + aheadMillis;
}
