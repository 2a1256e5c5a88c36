import { misfit } from './refused.ts';
import { isKeepable, unkeepableText } from './text.ts';

const mostParameters = 1000;

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw misfit('', 'The query holds a percent sign that no two hexadecimal digits of UTF-8 follow.');
  }
}

/** The parameters of a query string; a name that comes more than once has a list. Throws `Misfit` for what is no text. */
export function parseQuery(query: string): Readonly<Record<string, string | string[]>> {
  const found = new Map<string, string[]>();
  const pairs = query.split('&').filter((pair) => pair !== '');
  if (pairs.length > mostParameters) throw misfit('', `The query has more than ${mostParameters} parameters.`);
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    if (!isKeepable(name) || !isKeepable(value)) throw misfit(isKeepable(name) ? name : '', unkeepableText);
    const values = found.get(name);
    if (values) values.push(value);
    else found.set(name, [value]);
  }
  return Object.fromEntries([...found].map(([name, values]) => [name, values.length === 1 ? values[0]! : values]));
}
