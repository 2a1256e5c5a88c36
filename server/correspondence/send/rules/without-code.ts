/** A fenced block under way: how long its mark is, and how far the list that it stands in is indented. */
interface Fence {
  readonly mark: string;
  readonly offset: number;
}

const fenceStart = /^ *(`{3,}(?=[^`]*$)|~{3,})/;
const fenceEnd = /^ *(`{3,}|~{3,})[ \t]*$/;
const itemMark = /^( *)(?:[-*+]|\d{1,9}[.)])( +|$)/;
/** What may begin a block of its own, so that nothing that was opened before it reaches beyond. */
const blockStart = /^ *(?:[<>#*+=~_|-]|\d{1,9}[.)])/;
/** What stands before a line's own text: blanks, quotes and marks of items. */
const before = /^[ \t>*+.)\d-]*/;
const heading = /^#{1,6}(?:\s|$)/;
/** A line break alone on its line begins a block of HTML, which a renderer hands on as it is up to the next blank line (§4.6). */
const loneBreak = /^<br[ \t]*\/?>[ \t]*$/i;
const lineBreak = /<br\s*\/?>/gi;
const rowOfDashes = /^[ \t>]*[|:-][-|: \t]*\|[-|: \t]*$/m;
const aTag = '<b>';

/** With blanks for the tabs that stand before its text. */
function untabbed(line: string): string {
  const [lead] = before.exec(line)!;
  let wide = '';
  for (const character of lead) wide += character === '\t' ? ' '.repeat(4 - (wide.length % 4)) : character;
  return wide + line.slice(lead.length);
}

/** Where the text of an item begins, of the innermost where marks stand behind each other; undefined for what is no item. */
function itemOffset(line: string): number | undefined {
  let at = 0;
  let found: number | undefined;
  for (;;) {
    const mark = itemMark.exec(line.slice(at));
    if (!mark || (found !== undefined && mark[1]!.length > 3)) return found;
    const blanks = mark[2]!.length;
    if (blanks === 0 || blanks > 4) return at + mark[0].length - blanks + 1;
    at += mark[0].length;
    found = at;
  }
}

/**
 * Pure. A text of Markdown without its code: fenced and indented blocks, and spans between equally many back-ticks. What a
 * renderer would not take for code stays: a span does not reach from one block into the next, a line that is indented goes on
 * with the paragraph before it, and a fence ends with its list. In doubt it stays. Of what a renderer hands on as it is, every
 * bracket counts as a tag. One pass.
 * Source: compatibility.md, correspondence, §2.2; CommonMark 0.31, §4.4, §4.5, §5.2, §6.1.
 */
export function withoutCode(text: string): string {
  const blocks: string[] = [];
  let block: string[] = [];
  let last: 'blank' | 'code' | 'text' = 'blank';
  let fence: Fence | undefined;
  /** Of the innermost item. Unsure: of one of several, and then nothing passes for code by how it is indented. */
  let [offset, unsure] = [0, false];
  /** Behind a fence of which it is not certain where it stands nothing passes for code but spans. */
  let lost = false;
  let handedOn = false;
  let isRule = false;
  /** The same lines as one, and cut wherever a block may begin: where spans begin and end must not hang on which it is. */
  let whole: string[] = [];
  const cutBlock = (): void => {
    if (block.length > 0) blocks.push(block.join('\n'));
    whole.push(...block);
    block = [];
  };
  const endBlock = (): void => {
    if (handedOn) {
      blocks.push(block.join('\n').replaceAll(lineBreak, '').includes('<') ? aTag : '');
      whole.push(...block);
      block = [];
    }
    cutBlock();
    if (whole.length > 0) blocks.push(whole.join('\n'));
    whole = [];
    handedOn = false;
  };

  for (const line of text.split(/\r\n|\n|\r/).map(untabbed)) {
    const isBlank = line.trim() === '';
    const indent = line.length - line.trimStart().length;
    if (fence && (isBlank || indent >= fence.offset)) {
      if (endsFence(line, indent, fence)) fence = undefined;
      continue;
    }
    fence = undefined;
    if (isBlank) {
      endBlock();
      last = 'blank';
      continue;
    }
    if (handedOn) {
      block.push(line);
      continue;
    }
    if (last !== 'text' && indent < offset) [offset, unsure] = indent < 2 ? [0, false] : [indent, true];
    if (last !== 'text' && !unsure && !lost && indent - offset >= 4) {
      last = 'code';
      continue;
    }
    if (blockStart.test(line)) cutBlock();
    const lead = before.exec(line)![0];
    const own = line.slice(lead.length);
    const isItem = indent - offset < 4 ? itemOffset(line) : undefined;
    if (isItem !== undefined) offset = isItem;
    const mark = fenceStart.exec(own)?.[1];
    if (mark !== undefined) {
      const isCertain = !unsure && !lost && /^ {0,3}$/.test(lead.slice(isItem ?? offset)) && (isItem !== undefined || indent >= offset);
      const interrupts = isItem === undefined || last !== 'text' || /^ *(?:[-*+]|1[.)])/.test(line);
      if (isCertain && interrupts && !lead.includes('>')) {
        endBlock();
        fence = { mark, offset: isItem ?? offset };
        last = 'blank';
      } else {
        cutBlock();
        whole.push(line);
        lost ||= !lead.includes('>');
        last = 'text';
      }
      blocks.push(own.replaceAll(/[`~]/g, ' '));
      continue;
    }
    if (loneBreak.test(own) && (last !== 'text' || lead.trim() !== '' || isRule)) {
      cutBlock();
      handedOn = true;
    }
    isRule = /^[\s*_=+>.)\d|-]*$/.test(line);
    block.push(line);
    last = 'text';
    if (!heading.test(own) || indent - offset >= 4) continue;
    endBlock();
    last = 'blank';
  }
  endBlock();
  const cells = rowOfDashes.test(text) ? blocks.flatMap((each) => each.split('|')) : blocks;
  return cells.map(withoutSpans).join('\n');
}

function endsFence(line: string, indent: number, { mark, offset }: Fence): boolean {
  const end = fenceEnd.exec(line)?.[1];
  return end !== undefined && end[0] === mark[0] && end.length >= mark.length && indent - offset < 4;
}

/** The text without what stands between runs of equally many back-ticks; one after a back-slash begins nothing. One pass. */
function withoutSpans(text: string): string {
  const runs = [...text.matchAll(/`+/g)].map((run) => ({ at: run.index, length: run[0].length }));
  const closers = new Map<number, number[]>();
  for (let i = runs.length - 1; i >= 0; i--) {
    const sameLength = closers.get(runs[i]!.length);
    if (sameLength) sameLength.push(i);
    else closers.set(runs[i]!.length, [i]);
  }
  let kept = '';
  let from = 0;
  for (let i = 0; i < runs.length; ) {
    const run = runs[i]!;
    const [at, length] = isEscaped(text, run.at) ? [run.at + 1, run.length - 1] : [run.at, run.length];
    const ahead = closers.get(length);
    while (ahead && ahead.length > 0 && ahead.at(-1)! <= i) ahead.pop();
    const closer = ahead?.at(-1);
    if (closer === undefined) {
      i += 1;
      continue;
    }
    kept += text.slice(from, at);
    from = runs[closer]!.at + length;
    i = closer + 1;
  }
  return kept + text.slice(from);
}

function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text[from - 1] === '\\') from -= 1;
  return (at - from) % 2 === 1;
}
