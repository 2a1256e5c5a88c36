import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataTypeOf, downloadHeaders, fileNameError } from './file-name.ts';

test('given names of files, when they are judged, then the first fault is told', () => {
  const codes = [
    '',
    '  ',
    `${'a'.repeat(252)}.pdf`,
    'a.exe',
    'pptx',
    'a.pptx',
    'a:b.pdf',
    'a\u0007.pdf',
    'con.pdf',
    'LPT1.txt',
    'nul.tar.zip',
  ];

  assert.deepEqual(
    codes.map((name) => fileNameError(name)?.code),
    [2010, 2010, 2011, 2013, 2013, 2013, 2012, 2012, 2021, 2021, 2021],
  );
  assert.equal(fileNameError(null)?.code, 2010);
});

test('given names that are fine, when they are judged, then nothing is said', () => {
  for (const name of ['a.pdf', 'A.PDF', 'vedlegg 1 (æøå).docx', 'console.txt', 'com10.txt', '.pdf', `${'a'.repeat(251)}.pdf`]) {
    assert.equal(fileNameError(name), undefined, name);
  }
});

test('given a file, when it is served, then its type follows from its name and its name survives', () => {
  assert.deepEqual(downloadHeaders('Rød "grøt".PDF'), {
    'content-type': 'application/pdf',
    'content-disposition': "inline; filename*=UTF-8''R%C3%B8d%20%22gr%C3%B8t%22.PDF",
    'content-security-policy': "default-src 'none'; object-src 'self'; base-uri 'none'; form-action 'none'",
  });
  assert.deepEqual(downloadHeaders("it's (1).docx"), {
    'content-type': 'application/octet-stream',
    'content-disposition': "attachment; filename*=UTF-8''it%27s%20%281%29.docx",
    'content-security-policy': "default-src 'none'; sandbox",
  });
  assert.equal(downloadHeaders('side.html')['content-disposition']!.slice(0, 10), 'attachment');
  assert.match(downloadHeaders('bilde.png')['content-disposition']!, /^inline/);
  assert.match(downloadHeaders('bilde.png')['content-security-policy']!, /sandbox/, 'what is shown here may do nothing');
  assert.equal(dataTypeOf('a.xml'), 'text/xml');
  assert.equal(dataTypeOf('a.ukjent'), 'binary_octet_stream');
});
