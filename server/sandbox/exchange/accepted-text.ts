import { Reply } from '#kernel/route.ts';

/**
 * A text as the original's answers are formatted: a JSON string where JSON is what is asked for first, bare text otherwise. Any
 * type among the accepted ones makes the whole header count as none.
 * Source: compatibility.md, platform, §1.3.
 */
export function textReply(status: number, text: string, accept: string | undefined): Reply {
  return new Reply(status, text, { 'content-type': wantsJson(accept ?? '') ? 'application/json' : 'text/plain' });
}

function wantsJson(accept: string): boolean {
  const ranges = accept.split(',').map(readRange);
  if (ranges.some(({ type }) => type === '*/*')) return false;
  const best = ranges.toSorted((a, b) => b.quality - a.quality).find(({ type }) => isText(type) || isJson(type));
  return best !== undefined && isJson(best.type);
}

function readRange(range: string): { type: string; quality: number } {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const quality = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
  return { type, quality: Number.isNaN(quality) ? 1 : quality };
}

const isText = (type: string): boolean => type === 'text/plain' || type === 'text/*';
const isJson = (type: string): boolean => ['application/json', 'text/json', 'application/*'].includes(type) || type.endsWith('+json');
