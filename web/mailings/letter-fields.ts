/** Fields that a letter to many leaves open, as the server reads them; the recipient's name is none of them. */
export function fieldsIn(texts: readonly string[]): string[] {
  const named = texts.flatMap((text) => [...text.matchAll(/\{\{([A-Za-z][A-Za-z0-9_]{0,49})\}\}/g)].map(([, name]) => name!));
  return [...new Set(named)].filter((name) => name.toLowerCase() !== 'recipientname');
}

/** A key for one mailing, also where the page does not come by https. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
