/** Pure. The bytes of an event for this endpoint: a chat takes a text. Source: compatibility.md, platform, §4.2. */
export function bodyFor(endpoint: string, event: string): string {
  return new URL(endpoint).hostname === 'hooks.slack.com' ? JSON.stringify({ text: event }) : event;
}
