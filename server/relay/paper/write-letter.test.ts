import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { isInTypeface, settable } from './typeface.ts';
import { type AddressedLetter, writeLetter } from './write-letter.ts';

const qpdf = '/usr/bin/qpdf';
const folder = await mkdtemp(join(tmpdir(), 'budstikke-letter-'));
after(() => rm(folder, { recursive: true, force: true }));

const letter: AddressedLetter = {
  id: 'a',
  language: 'nb',
  title: 'Vedtak om čáhci – æøå',
  body: `Hei.\n\n${'Dette er et avsnitt som er ganske langt. '.repeat(150)}\n\n- første\n- andre`,
  sender: 'ETATEN',
  recipient: 'OLA NORDMANN',
  reference: 'sak-2026/17',
  date: new Date('2026-11-24T11:00:00Z'),
  address: ['OLA NORDMANN', 'Storgata 1', '3717 SKIEN'],
  files: [
    { id: 'b', name: 'vedtak.pdf', blobKey: null, sizeBytes: 1, sha256: null, isEncrypted: false, isThere: true, hasOwnRight: false },
  ],
};

/** The objects of a PDF as text, and its streams unpacked. */
function readPdf(bytes: Buffer): { readonly objects: Map<number, string>; readonly streams: Map<number, Buffer>; readonly text: string } {
  const text = bytes.toString('latin1');
  const objects = new Map<number, string>();
  const streams = new Map<number, Buffer>();
  for (const [, number, body] of text.matchAll(/^(\d+) 0 obj\n(.*?)\nendobj/gms)) {
    const [dictionary, stream] = body!.split(/\nstream\n/) as [string, string?];
    objects.set(Number(number), dictionary);
    if (stream === undefined) continue;
    const raw = Buffer.from(stream.replace(/\nendstream$/, ''), 'latin1');
    streams.set(Number(number), dictionary.includes('/FlateDecode') ? inflateSync(raw) : raw);
  }
  return { objects, streams, text };
}

const refersTo = (dictionary: string, name: string) =>
  [...dictionary.matchAll(new RegExp(`/${name} \\[?(\\d+) 0 R`, 'g'))].map(([, n]) => Number(n));

/** What a page's content shows, by the table that each typeface brings along. */
function shown({ objects, streams }: ReturnType<typeof readPdf>, page: string): string {
  const fonts = new Map(
    [...objects.get(refersTo(page, 'Resources')[0]!)!.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name, n]) => {
      const table = streams.get(refersTo(objects.get(Number(n))!, 'ToUnicode')[0]!)!.toString('latin1');
      const codes = [...table.matchAll(/<([0-9a-f]+)> <[0-9a-f]+> \[(.*?)\]/gs)].flatMap(([, first, list]) =>
        [...list!.matchAll(/<([0-9a-f ]+)>/g)].map(([, hex], i) => {
          const units = hex!.replaceAll(' ', '').match(/.{4}/g)!;
          return [Number.parseInt(first!, 16) + i, String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)))] as const;
        }),
      );
      return [name!, new Map(codes)] as const;
    }),
  );
  const content = streams.get(refersTo(page, 'Contents')[0]!)!.toString('latin1');
  let font: Map<number, string> | undefined;
  return content
    .split('\n')
    .map((line) => {
      font = fonts.get(/^\/(F\d+) /.exec(line)?.[1] ?? '') ?? font;
      if (!line.endsWith('TJ')) return '';
      return [...line.matchAll(/<([0-9a-f]+)>/g)]
        .map(([, hex]) =>
          hex!
            .match(/.{4}/g)!
            .map((code) => font!.get(Number.parseInt(code, 16)))
            .join(''),
        )
        .join('');
    })
    .filter((line) => line !== '')
    .join('\n');
}

test('given a letter, when it is set, then it declares PDF/A-2b, brings its typefaces and colours along, and has nothing that PDF/A forbids', async () => {
  const pdf = readPdf(await writeLetter(letter));
  const { objects, streams, text } = pdf;
  const all = [...objects.values()];

  assert.match(text, /^%PDF-1\.7\n%[\x80-\xff]{4}/);
  assert.match(text, /\/ID \[<([0-9a-f]{32})> <\1>\]/);
  const catalog = all.find((each) => each.includes('/Type /Catalog'))!;
  const metadata = refersTo(catalog, 'Metadata')[0]!;
  assert.doesNotMatch(objects.get(metadata)!, /Filter/);
  const xmp = streams.get(metadata)!.toString();
  assert.match(xmp, /<pdfaid:part>2<\/pdfaid:part>\s*<pdfaid:conformance>B<\/pdfaid:conformance>/);
  assert.match(xmp, /<xmp:CreateDate>2026-11-24T11:00:00Z<\/xmp:CreateDate>/);
  assert.match(xmp, /Vedtak om čáhci – æøå/);
  const intent = objects.get(refersTo(catalog, 'OutputIntents')[0]!)!;
  assert.match(intent, /\/S \/GTS_PDFA1/);
  const profile = streams.get(refersTo(intent, 'DestOutputProfile')[0]!)!;
  assert.equal(profile.toString('latin1', 36, 40), 'acsp');
  assert.equal(profile.toString('latin1', 16, 20), 'RGB ');

  const fonts = all.filter((each) => each.includes('/Type /Font\n') && /BaseFont/.test(each) && !/\/Subtype \/Type0/.test(each));
  assert.equal(fonts.length, 2);
  for (const font of fonts) {
    const file = refersTo(objects.get(refersTo(font, 'FontDescriptor')[0]!)!, 'FontFile2')[0]!;
    assert.ok(streams.get(file)!.length > 1000);
  }
  for (const forbidden of [
    '/Encrypt',
    '/SMask',
    '/JavaScript',
    '/JS',
    '/EmbeddedFiles',
    '/LZWDecode',
    '/Launch',
    '/ca ',
    '/CA ',
    '/BM ',
    '/Group',
  ]) {
    assert.ok(!all.some((each) => each.includes(forbidden)), forbidden);
  }
});

test('given a letter, when it is set, then its first page shows the address and nothing of what is inside, and the others all of it, numbered', async () => {
  const pdf = readPdf(await writeLetter(letter));
  const pages = [...pdf.objects.values()].filter((each) => /\/Type \/Page\n/.test(each)).map((page) => shown(pdf, page));

  assert.equal(pages.length, 4);
  assert.equal(
    pages[0],
    [
      'ETATEN',
      'OLA NORDMANN',
      'Storgata 1',
      '3717 SKIEN',
      'Dato: 24. november 2026',
      'Referanse: sak-2026/17',
      'sak-2026/17   Side 1 av 4',
    ].join('\n'),
  );
  const inside = pages.slice(1).join('\n');
  for (const words of ['Fra: ETATEN', 'Til: OLA NORDMANN', letter.title, 'Hei.', '•', 'andre', 'Vedlegg', '1. vedtak.pdf', 'Side 4 av 4']) {
    assert.ok(inside.includes(words), words);
  }
  assert.equal(
    inside
      .replaceAll(/\n.*Side \d av 4/g, '')
      .replaceAll('\n', ' ')
      .match(/Dette\s+er\s+et\s+avsnitt\s+som\s+er\s+ganske\s+langt\./g)!.length,
    150,
  );
});

test('given one letter, when it is set twice, then the bytes are the same; in another language its words are others', async () => {
  const [once, again, english] = await Promise.all([letter, letter, { ...letter, language: 'EN' }].map(writeLetter));
  assert.ok(once!.equals(again!));
  const pdf = readPdf(english!);
  assert.match(shown(pdf, [...pdf.objects.values()].find((each) => /\/Type \/Page\n/.test(each))!), /Date: 24 November 2026/);
});

const marked = [
  '# Vedtak om plass',
  'Hei **Ola**, du har f&aring;tt *plass* &amp; mat. ~~Ikke det~~ Se [siden vår](https://skole.example/plass).',
  '1. svar\n2. ta med\n   - vitnemål\n   - [x] pass',
  '> Klagefristen er tre uker.',
  '| Fag | Karakter |\n|---|---|\n| Norsk | **5** |',
  '---',
  '```\nkode   her\n```',
  'Linje<br>ny, <b>HTML</b> og &toString; ![et kart](https://skole.example/k.png) \\*stjerne\\*',
].join('\n\n');

test('given a letter in Markdown, when it is set, then it reads as in the inbox: no mark is printed, a link says where it leads, and HTML is text', async () => {
  const pdf = readPdf(await writeLetter({ ...letter, body: marked }));
  const inside = [...pdf.objects.values()]
    .filter((each) => /\/Type \/Page\n/.test(each))
    .map((page) => shown(pdf, page))
    .join('\n')
    .replaceAll('\n', ' ')
    .replaceAll(/ +/g, ' ');
  for (const words of [
    'Vedtak om plass',
    'Hei Ola , du har fått plass & mat. Ikke det Se siden vår (https://skole.example/ plass)',
    '1. svar 2. ta med • vitnemål ☑ pass',
    'Klagefristen er tre uker. Fag Karakter Norsk 5',
    'kode her Linje ny, <b> HTML </b> og &toString; et kart * stjerne *',
  ])
    assert.ok(inside.includes(words), `${words}\n${inside}`);
  for (const mark of ['**', '~~', '# ', '---', '```', '[x]', '](', '&amp;', '|']) assert.ok(!inside.includes(mark), mark);
});

test('given a letter that would keep the parser busy, when it is set, then it is printed as it was written', async () => {
  const pdf = readPdf(await writeLetter({ ...letter, body: `${'*a _b '.repeat(1300)} slutt` }));
  const pages = [...pdf.objects.values()]
    .filter((each) => /\/Type \/Page\n/.test(each))
    .map((page) => shown(pdf, page))
    .join(' ');
  assert.ok(pages.includes('*a _b') && pages.includes('slutt'));
});

test('given lists that lie so deep that no room is left beside their marks, when they are set, then every word is on the page', async () => {
  const pdf = readPdf(await writeLetter({ ...letter, body: `${'1000000. '.repeat(12)}innerst` }));
  const pages = [...pdf.objects.values()]
    .filter((each) => /\/Type \/Page\n/.test(each))
    .map((page) => shown(pdf, page))
    .join(' ');
  assert.ok(pages.includes('innerst') && pages.includes('1000000.'), pages);
});

test('given letters long and short, when an independent reader looks through them, then it finds no fault', {
  skip: !existsSync(qpdf) && 'qpdf is not installed',
}, async () => {
  for (const [name, body] of [
    ['short', ''],
    ['long', letter.body.repeat(20)],
    ['wide', 'x'.repeat(5000)],
    ['marked', marked],
    ['deep', '> - '.repeat(18)],
    ['wide-table', `|${' spalte |'.repeat(30)}\n|${'---|'.repeat(30)}\n|${' verdi |'.repeat(30)}`],
    ['tall-row', `| a | b |\n|---|---|\n| ${'lang '.repeat(3000)} | kort |`],
  ] as const) {
    const path = join(folder, `${name}.pdf`);
    await writeFile(path, await writeLetter({ ...letter, body }));
    assert.match(execFileSync(qpdf, ['--check', path], { encoding: 'utf8' }), /No syntax or stream encoding errors found/);
  }
});

test('given texts, when they are asked for, then what our typeface has can be printed, and what it lacks or would set backwards cannot', () => {
  for (const text of ['Ærlig talt, Ødegård på Åsen', 'čáhci đ ŋ š ŧ ž', 'Ђорђе Ελλάδα', '«sitat» – 10 € §', 'a\tb\r\nc\u00ad\u200bd', ''])
    assert.ok(isInTypeface(text), text);
  for (const text of ['漢字', 'שלום', 'مرحبا', '\u{1f1f3}\u{1f1f4}', '\u{10ffff}']) assert.ok(!isInTypeface(text), text);
  assert.equal(settable('a\tb\r\nc\rd\u0007\u00ad\u2028e\u0301'), 'a    b\nc\nd\né');
});
