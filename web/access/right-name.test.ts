import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rightName } from './right-name.ts';

test('given a package that pages have no word for, when it is named, then it is by the service that it opens, and by its code only where that is not known', () => {
  const say = (key: string): string => key;
  const title = 'Regnskapskontroll';
  assert.equal(rightName(say as never, { package: 'urn:altinn:accesspackage:regnskapsforer-lonn', title }), title);
  assert.equal(rightName(say as never, { resource: 'skatt-varsel', title }), title);
  assert.equal(rightName(say as never, { package: 'regnskapsforer-lonn', title: null }), 'regnskapsforer-lonn');
  assert.equal(rightName(say as never, { package: 'urn:altinn:accesspackage:tilgangsstyrer', title }), 'package.tilgangsstyrer');
});
