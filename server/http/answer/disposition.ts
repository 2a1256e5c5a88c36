/** What the header of a form's part says. Without a file name (or with an empty one) the part is a field. */
export interface Disposition {
  readonly name: string;
  readonly fileName: string | undefined;
}

const parameter = /\s*;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))/gy;

/** Bytes that came as Latin-1 text are read as UTF-8 where they are, else stay Latin-1. */
function fromBytes(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return text;
  }
}

/** `UTF-8''na%20me` (RFC 5987 §3.2); undefined for another charset or broken escapes. */
function extended(value: string): string | undefined {
  const match = /^(utf-8|iso-8859-1)'[^']*'((?:%[0-9a-f]{2}|[^%])*)$/i.exec(value);
  if (!match) return undefined;
  const bytes = Buffer.from(
    match[2]!.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  try {
    return new TextDecoder(match[1]!.toLowerCase(), { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** `=?utf-8?B?…?=`: how .NET's client writes a name outside ASCII beside the extended one (RFC 2047 §2). */
function encodedWord(value: string): string {
  const match = /^=\?utf-8\?b\?([a-z0-9+/]*={0,2})\?=$/i.exec(value);
  return match ? Buffer.from(match[1]!, 'base64').toString('utf8') : value;
}

/**
 * Reads `form-data; name="…"; filename="…"; filename*=UTF-8''…`. The extended file name wins wherever it stands. A path in a
 * file name is kept: the feature refuses it in its own words. Undefined when the header is not of this form.
 *
 * Source: RFC 7578 §4.2; compatibility.md, correspondence, §3.
 */
export function parseDisposition(header: string): Disposition | undefined {
  const start = /^\s*form-data\s*(?=;)/i.exec(header);
  if (!start) return undefined;
  const found = new Map<string, string>();
  parameter.lastIndex = start[0].length;
  let end = parameter.lastIndex;
  for (let match = parameter.exec(header); match; match = parameter.exec(header)) {
    const key = match[1]!.toLowerCase();
    const value = match[2]?.replaceAll(/\\(["\\])/g, '$1') ?? match[3]!.trim();
    if (!found.has(key)) found.set(key, value);
    end = parameter.lastIndex;
  }
  if (!/^[\s;]*$/.test(header.slice(end))) return undefined;
  const name = found.get('name');
  if (name === undefined) return undefined;
  const plain = found.get('filename');
  const fileName = extended(found.get('filename*') ?? '') || (plain && encodedWord(fromBytes(plain))) || undefined;
  return { name: fromBytes(name), fileName };
}
