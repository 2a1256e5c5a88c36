import pg from 'pg';

type Parser = (text: string) => unknown;

const { DATE, INTERVAL } = pg.types.builtins;
const [dateArray, textArray] = [1182, 1009];
const asText: Parser = (text) => text;
const parseTextArray = pg.types.getTypeParser(textArray as typeof DATE) as Parser;

/**
 * How values arrive: `timestamptz` as Date; int8 and numeric as text, since a JavaScript number cannot hold them;
 * `date` as `YYYY-MM-DD`, since a Date would be midnight somewhere; `interval` as ISO 8601 text.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === DATE || oid === INTERVAL) return asText;
    if (oid === dateArray) return parseTextArray;
    return pg.types.getTypeParser(oid, format ?? 'text');
  },
} as pg.CustomTypesConfig;
