import assert from 'node:assert/strict';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { XMLParser } from 'fast-xml-parser';
import { fromBufferPromise } from 'yauzl';
import { manifestXml } from './manifest-xml.ts';
import { oldFileState, oldReceipt } from './receipt.ts';
import { NoZip, zipWithManifest } from './zip-with-manifest.ts';

/** Read by other programs than ours: yauzl and fast-xml-parser. */
const facts = {
  serviceCode: '4855',
  serviceEditionCode: 2,
  sendersReference: 'sak <1> & "2"',
  senderGiven: '0192:310000027',
  createdAt: new Date('2026-07-01T22:30:05.120Z'),
  fileName: 'søknad 한국어.zip',
  propertyList: { nøkkel: 'én & to', tom: '' },
};

async function readZip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(bytes, { lazyEntries: true });
  const found = new Map<string, Buffer>();
  zip.readEntry();
  zip.on('entry', (entry) =>
    zip.openReadStream(entry, async (error, stream) => {
      assert.ifError(error);
      const content = await buffer(stream!);
      assert.equal(crc32(content), entry.crc32);
      found.set(entry.fileName, content);
      zip.readEntry();
    }),
  );
  await once(zip, 'end');
  return found;
}

/** Compressed entries, each with a record of its sizes behind it, as programs that stream write them; and a comment at the end. */
function makeZip(entries: Readonly<Record<string, string>>): Buffer {
  const [pieces, rows]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, text] of Object.entries(entries)) {
    const content = deflateRawSync(text);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x0808, 2);
    fields.writeUInt16LE(8, 4);
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(text), 0);
    sizes.writeUInt32LE(content.length, 4);
    sizes.writeUInt32LE(Buffer.byteLength(text), 8);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), content, Buffer.from('PK\x07\x08'), sizes]);
    const row = Buffer.alloc(46);
    row.write('PK\x01\x02');
    fields.copy(row, 6);
    sizes.copy(row, 16);
    row.writeUInt32LE(at, 42);
    rows.push(Buffer.concat([row, Buffer.from(name)]));
    pieces.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(rows.length, 8);
  end.writeUInt16LE(rows.length, 10);
  end.writeUInt32LE(Buffer.concat(rows).length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(4, 20);
  return Buffer.concat([...pieces, ...rows, end, Buffer.from('hei!')]);
}

test('given a transfer, when its manifest is read by another program, then it says all in the order of the schema', () => {
  const bytes = manifestXml(facts);
  assert.deepEqual([...bytes.subarray(0, 2)], [0xff, 0xfe]);
  const text = bytes.toString('utf16le').slice(1);
  assert.match(
    text,
    /^<\?xml version="1\.0" encoding="utf-16"\?>\n<BrokerServiceManifest xmlns:xsi=.* xmlns:xsd=.*\n {2}<ExternalServiceCode>/,
  );
  const { BrokerServiceManifest: manifest } = new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(text) as Record<
    string,
    object
  >;
  const { '@_xmlns': namespace, '@_xmlns:xsi': _xsi, '@_xmlns:xsd': _xsd, ...members } = manifest as Record<string, unknown>;
  assert.equal(namespace, 'http://schema.altinn.no/services/ServiceEngine/Broker/2015/06');
  assert.deepEqual(Object.entries(members), [
    ['ExternalServiceCode', '4855'],
    ['ExternalServiceEditionCode', '2'],
    ['SendersReference', 'sak <1> & "2"'],
    ['Reportee', '310000027'],
    ['SentDate', '2026-07-02T00:30:05.12'],
    ['FileList', { File: { FileName: 'søknad 한국어.zip' } }],
    [
      'PropertyList',
      {
        Property: [
          { PropertyKey: 'nøkkel', PropertyValue: 'én & to' },
          { PropertyKey: 'tom', PropertyValue: '' },
        ],
      },
    ],
  ]);
});

test('given no codes, no properties, and letters that XML cannot hold, when the manifest is read, then they are left out and it is still read', () => {
  const bytes = manifestXml({
    ...facts,
    serviceCode: null,
    serviceEditionCode: null,
    sendersReference: 'a\u0000b\uD800\u000bc',
    propertyList: {},
  });
  const text = bytes.toString('utf16le').slice(1);
  assert.doesNotMatch(text, /ExternalService/);
  assert.match(text, /<SendersReference>ab\uFFFDc<\/SendersReference>.*<PropertyList \/>/s);
});

test('given a file of entries, when it gets its manifest, then another program reads it at the root, and all else byte for byte, whatever was called so before', async () => {
  const manifest = manifestXml(facts);
  const file = makeZip({
    'a/vedlegg.xml': '<x/>',
    'Manifest.XML': 'gammel',
    'b/c/recipients.xml': 'mottakere',
    'notmanifest.xml': 'blir',
    'tom.txt': '',
    'b\\manifest.xml': 'gammel',
  });
  const read = await readZip(zipWithManifest(file, manifest));
  assert.deepEqual([...read.keys()].sort(), ['a/vedlegg.xml', 'manifest.xml', 'notmanifest.xml', 'tom.txt']);
  assert.deepEqual(read.get('manifest.xml'), manifest);
  assert.deepEqual([read.get('a/vedlegg.xml')!.toString(), read.get('notmanifest.xml')!.toString()], ['<x/>', 'blir']);
  assert.deepEqual([...(await readZip(zipWithManifest(zipWithManifest(file, manifest), manifest))).keys()].length, 4, 'again is as once');
});

test('given no bytes at all, or an empty ZIP, when it gets its manifest, then there is a ZIP of it alone', async () => {
  for (const file of [Buffer.alloc(0), makeZip({})])
    assert.deepEqual([...(await readZip(zipWithManifest(file, manifestXml(facts)))).keys()], ['manifest.xml']);
});

test('given what is no ZIP, or is torn, when it is to get a manifest, then it is refused', () => {
  const whole = makeZip({ 'a.txt': 'innhold', 'b.txt': 'mer' });
  const torn = Array.from({ length: whole.length - 8 }, (_, n) => whole.subarray(0, n + 1));
  for (const file of [Buffer.from('%PDF-1.7 and so on and so on'), Buffer.from('PK'), ...torn])
    assert.throws(() => zipWithManifest(file, Buffer.alloc(0)), NoZip, `${file.length} bytes`);
  for (let n = 4; n < whole.length; n++) {
    const bent = Buffer.from(whole);
    bent[n]! ^= 0xff;
    try {
      zipWithManifest(bent, Buffer.alloc(0));
    } catch (error) {
      assert.ok(error instanceof NoZip, `byte ${n}: ${error}`);
    }
  }
});

test('given transfers in each state, when their receipts are asked for, then they say what Altinn 2 said', () => {
  const receipt = (state: 'Published' | 'Failed' | 'UploadStarted' | 'Purged', wasPublished: boolean) =>
    oldReceipt({ id: 'x', state, stateText: 'Malware scan failed: Malicious.', wasPublished, recipients: ['1', '2'] });
  assert.equal(receipt('UploadStarted', false), undefined);
  assert.equal(receipt('Purged', false), undefined);
  assert.deepEqual(receipt('Published', true), {
    receiptId: 0,
    status: 'OK',
    text: 'Upload of file x was successful. Recipients can now download the file.',
    recipients: ['1', '2'].map((recipient) => ({ recipient, status: 'OK', text: 'A file has been made available for download.' })),
  });
  const failed = receipt('Failed', false);
  assert.deepEqual([failed?.status, failed?.text], ['Rejected', 'Malware scan failed: Malicious.']);
  assert.equal(failed?.recipients[0]?.text, 'File failed during upload processing in Altinn 3.');
  assert.deepEqual(
    [oldFileState(false, 'Initialized'), oldFileState(true, 'DownloadStarted'), oldFileState(true, 'DownloadConfirmed')],
    ['Initialized', 'Uploaded', 'Downloaded'],
  );
});
