const longestBytes = 200;

/**
 * Pure. The name of a file in a directory, made of what a sender has called it: no path leads out of it, nothing in it is hidden, is a
 * device, an option of a command that is given all names, or looks otherwise than it is. `otherwise` where nothing is left.
 */
export function safeName(name: string, otherwise: string): string {
  const last = name.split(/[/\\]/).at(-1)!;
  const shown = last
    .toWellFormed()
    // Control characters, those that turn the direction of writing, and what some file systems do not take.
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .replaceAll(/[<>:"|?*]/g, '_')
    .trim()
    .replace(/^[.-]+/, '_')
    .replace(/[. ]+$/, '');
  const isDevice = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(shown);
  const free = isDevice ? `_${shown}` : shown;
  return /^_*$/.test(free) ? otherwise : shortened(free);
}

/** Keeps the ending, by which programs know what is in it. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longestBytes) return name;
  const ending = /\.[^.]{1,16}$/u.exec(name)?.[0] ?? '';
  let stem = '';
  for (const character of name.slice(0, name.length - ending.length)) {
    if (Buffer.byteLength(stem + character + ending) > longestBytes) break;
    stem += character;
  }
  return stem + ending;
}
