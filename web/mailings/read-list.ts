/** A list of recipients as somebody pasted or saved it, taken apart. */
export interface RecipientList {
  /** Each a recipient as the server takes it, as JSON, in the order of the list. */
  readonly lines: readonly string[];
  /** What the heading names besides number and reference: fields of the letter. */
  readonly fields: readonly string[];
  /** The first line is a heading, and no recipient. */
  readonly hasHeading: boolean;
}

const numberNames =
  /^(mottaker|mottakar|recipient|nummer|number|orgnr|org\.? ?nr\.?|organisasjonsnummer|organization ?number|fnr|fødselsnummer|fodselsnummer|national identity number)$/i;
const referenceNames = /^(referanse|reference|sendersreference|avsenders referanse)$/i;

/**
 * Lines with one number each, or a table with a heading as spreadsheets save it: semicolon, tab or comma between, quotes around what holds
 * them. What is no number is kept as it stands, for the server to refuse by its line. Lines are counted without the heading and empty ones.
 */
export function readList(text: string): RecipientList {
  const rows = rowsOf(text.replace(/^\ufeff/, ''));
  const [first] = rows;
  const hasHeading = first !== undefined && !first.some(isNumber) && first.some((cell) => numberNames.test(cell));
  if (!first || !hasHeading)
    return { lines: rows.flatMap(withoutHeading).map((recipient) => JSON.stringify({ recipient })), fields: [], hasHeading };
  const at = first.findIndex((cell) => numberNames.test(cell));
  const reference = first.findIndex((cell) => referenceNames.test(cell));
  const fields = first.map((name, i) => ({ name, i })).filter(({ name, i }) => i !== at && i !== reference && name !== '');
  const lines = rows.slice(1).map((row) => {
    const own = fields.map(({ name, i }) => [name, row[i] ?? ''] as const);
    return JSON.stringify({
      recipient: withoutSpaces(row[at] ?? ''),
      ...(reference >= 0 && row[reference] ? { sendersReference: row[reference] } : {}),
      ...(own.length > 0 ? { fields: Object.fromEntries(own) } : {}),
    });
  });
  return { lines, fields: fields.map(({ name }) => name), hasHeading };
}

/** Several numbers in a line are several recipients, with whatever stands between them; of a number with words beside it the number counts. */
function withoutHeading(row: readonly string[]): string[] {
  const digits = row.flatMap((cell) => cell.split(/[;,\t]/)).filter((cell) => /^[\d\s]*\d[\d\s]*$/.test(cell));
  return digits.length > 0 ? digits.map(withoutSpaces) : [row.join(' ').trim()];
}

const withoutSpaces = (cell: string): string => (/^[\d\s]+$/.test(cell) ? cell.replace(/\s/g, '') : cell);
const isNumber = (cell: string): boolean => /^(\d{9}|\d{11})$/.test(cell.replace(/\s/g, ''));

/** Cells of each line that has any, without the spaces around them. */
function rowsOf(text: string): string[][] {
  const firstLine = text.slice(0, text.search(/[\r\n]|$/));
  const between = [';', '\t', ','].find((sign) => firstLine.includes(sign)) ?? ';';
  const rows: string[][] = [[]];
  let [cell, quoted] = ['', false];
  const endCell = (): void => {
    rows.at(-1)!.push(cell.trim());
    cell = '';
  };
  for (let i = 0; i < text.length; i += 1) {
    const sign = text[i]!;
    if (quoted && sign === '"' && text[i + 1] === '"') {
      cell += sign;
      i += 1;
    } else if (sign === '"' && (quoted || cell.trim() === '')) quoted = !quoted;
    else if (quoted) cell += sign;
    else if (sign === between) endCell();
    else if (sign === '\n' || sign === '\r') {
      endCell();
      rows.push([]);
    } else cell += sign;
  }
  endCell();
  return rows.filter((row) => row.some((each) => each !== ''));
}
