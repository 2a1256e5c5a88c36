import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ErrorRow } from '#kernel/refusal.ts';
import { routesOf } from '../../server/features.ts';
import { metRefusals } from './met.ts';

const web = fileURLToPath(new URL('..', import.meta.url));
const segmentsOf = (path: string): string[] => path.split('/').map((each) => (/^(?::|\$\{)/.test(each) ? '*' : each));
const isAlike = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each, at) => each === other[at] || each === '*' || other[at] === '*');

/** The addresses that pages ask, as they stand in the code that asks: `/budstikke/v1/inbox/*`. */
const addresses = globSync(['api/*.ts', 'files/upload.ts'], { cwd: web })
  .filter((path) => !path.endsWith('.test.ts'))
  .flatMap((path) => addressesIn(readFileSync(join(web, path), 'utf8')));

/** Alike in form, and asked by systems: of vendors, and an upload in one piece. */
const ofOthers = /\/vendor|\/systemregister\/|\/escalate$|\/filetransfer\/upload$/;

/** Names that stand for the beginning of an address are put in their place. */
function addressesIn(text: string): string[][] {
  const named = [...text.matchAll(/const (\w+) = '(\/[^']+)';/g)];
  let whole = text.replaceAll(/const \w+ = '\/[^']+';/g, '');
  for (const [, name, value] of named)
    whole = whole.replaceAll(`\${${name}}`, value!).replaceAll(new RegExp(`\\(${name}\\b`, 'g'), `('${value}'`);
  const found = [...whole.matchAll(/[`'](\/(?:budstikke|correspondence|broker|accessmanagement|authentication)\/[^`']*)[`']/g)];
  return found.map(([, address]) => segmentsOf(address!.replace(/\$\{query\(.*$|\?.*$/s, '')));
}

/** Refusals of these operations that no page of ours can bring about, and why. */
const notMet = {
  'said as having no right, or as not being there': [
    'BRO-00006',
    'BUD-09103',
    'BUD-09105',
    'BUD-09130',
    'BUD-09401',
    'BUD-09555',
    'BUD-09619',
    'BUD-09680',
    'BUD-09681',
    'BUD-09712',
    'BUD-09760',
    'BUD-09787',
    'BUD-09801',
    'BUD-09830',
    'BUD-09843',
    'BUD-09784',
    'BUD-09785',
    'BUD-09802',
    'BUD-09850',
    'BUD-09851',
    'CORR-04001',
    'CORR-04006',
  ],
  'about what our pages do not send: references, names of actions, headers, several at once': [
    ...[
      'BRO-00020',
      'BRO-00029',
      'BRO-09951',
      'BRO-09954',
      'BUD-09100',
      'BUD-09102',
      'BUD-09106',
      'BRO-09820',
      'BUD-09615',
      'BUD-09728',
      'BUD-09751',
      'BUD-09752',
      'BUD-09800',
      'CORR-01013',
      'BUD-09623',
      'BUD-09783',
      'BUD-09838',
      'BUD-09839',
      'BUD-09840',
    ],
    ...[
      'CORR-01005',
      'CORR-01006',
      'CORR-01007',
      'CORR-01009',
      'CORR-01017',
      'CORR-01018',
      'CORR-01023',
      'CORR-01034',
      'CORR-01035',
      'CORR-01038',
      'CORR-01039',
      'CORR-01042',
    ],
    ...['CORR-01060', 'CORR-01061', 'CORR-02008', 'CORR-02017', 'CORR-04002', 'CORR-04010'],
  ],
  'asked of the form before it is sent': ['CORR-01016', 'CORR-01020', 'CORR-01021', 'CORR-01022', 'CORR-01037', 'CORR-02010', 'CORR-09844'],
  'said by the page itself, fault by fault': ['BUD-09609'],
  'said by the page itself, in words of its own': [
    ...['BUD-09682', 'BUD-09684', 'BUD-09685', 'BUD-09686', 'BUD-09687', 'BUD-09689', 'BUD-09690', 'BUD-09692'],
    ...['BUD-09721', 'BUD-09722', 'BUD-09731', 'BUD-09761', 'BUD-09762', 'BUD-09763', 'BUD-09764', 'BUD-09770', 'BUD-09771'],
  ],
  'of attachments that the page makes, fills and takes back by itself': [
    ...['CORR-02003', 'CORR-02005', 'CORR-02006', 'CORR-02007', 'CORR-02018', 'CORR-04009'],
  ],
  'done by the page itself: a letter is open before it can be confirmed': ['CORR-01025'],
  'of transmissions and dialogs, and of notices of the sender’s own': [
    ...[
      'CORR-01043',
      'CORR-01045',
      'CORR-01046',
      'CORR-01047',
      'CORR-01048',
      'CORR-01050',
      'CORR-01051',
      'CORR-01052',
      'CORR-01053',
      'CORR-01054',
      'CORR-01055',
    ],
    ...[
      'CORR-03002',
      'CORR-03003',
      'CORR-03004',
      'CORR-03005',
      'CORR-03006',
      'CORR-03007',
      'CORR-03012',
      'CORR-03015',
      'CORR-03017',
      'CORR-03018',
      'CORR-03019',
    ],
    ...['CORR-03022', 'CORR-03023', 'CORR-03024', 'CORR-03025'],
  ],
  'answered between the client of an upload and the server': [
    'BRO-09964',
    'BRO-09970',
    'BRO-09971',
    'BRO-09972',
    'BRO-09973',
    'BRO-09974',
    'BRO-09976',
    'BRO-09977',
    'BRO-09978',
    'BRO-09979',
  ],
} as const;

const rowName = ({ prefix, code }: ErrorRow): string => `${prefix}-${String(code).padStart(5, '0')}`;

test('given what the pages ask for, when the server can refuse it, then each refusal has its words, or it is said why nobody meets it', () => {
  const left = new Set<string>(Object.values(notMet).flat());
  const met = new Set<string>(metRefusals);
  const seen = new Set<string>();
  const asked = routesOf(undefined)
    .filter(({ path }) => !ofOthers.test(path))
    .filter(({ path }) => addresses.some((address) => isAlike(segmentsOf(path), address)));
  assert.ok(asked.length > 90, `${asked.length} operations are asked`);
  const without = new Set<string>();
  for (const { method, path, refusals } of asked)
    for (const row of refusals) {
      seen.add(rowName(row));
      if (!met.has(rowName(row)) && !left.has(rowName(row))) without.add(`${rowName(row)} of ${method} ${path}: ${row.text}`);
    }
  assert.deepEqual([...without], [], 'refusals without words');
  assert.deepEqual(
    [...left].filter((row) => !seen.has(row) || met.has(row)),
    [],
    'nothing is excused that is not there',
  );
});

test('given the words of refusals, when they are listed, then they are those that are met', () => {
  for (const language of ['nb', 'nn', 'en']) {
    const texts = JSON.parse(readFileSync(new URL(`texts/${language}.json`, import.meta.url), 'utf8')) as Record<string, string>;
    assert.deepEqual(
      Object.keys(texts),
      metRefusals.map((row) => `refusal.${row}`),
      language,
    );
  }
});
