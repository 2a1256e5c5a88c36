/** Endings of names of files that may be attached to a letter. Source: compatibility.md, correspondence, §2.5. */
const endings = [
  ...['.doc', '.xls', '.docx', '.xlsx', '.ppt', '.pps', '.zip', '.pdf', '.html', '.txt', '.xml', '.jpg', '.jpeg', '.gif', '.bmp'],
  ...['.png', '.json', '.csv', '.dcm', '.dicom'],
] as const;
export type Ending = (typeof endings)[number];

const forbidden = /[<>:"/\\|?*]/;
const reserved = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/i;

/** Pure. How a name of a file ends, in small letters; nothing where that is none that may be attached. */
export function endingOf(fileName: string): Ending | undefined {
  const dot = fileName.lastIndexOf('.');
  const ending = dot < 0 ? '' : fileName.slice(dot).toLowerCase();
  return endings.find((each) => each === ending);
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return true;
  return false;
}

/** Pure. What is wrong with the name of a file that someone wants to attach, the first that holds. Pages say it before they send. */
export function nameProblem(fileName: string): 'missing' | 'long' | 'type' | 'characters' | 'reserved' | undefined {
  if (fileName.trim() === '') return 'missing';
  if (fileName.length > 255) return 'long';
  if (endingOf(fileName) === undefined) return 'type';
  if (forbidden.test(fileName) || hasControlCharacter(fileName)) return 'characters';
  return reserved.test(fileName) ? 'reserved' : undefined;
}
