import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeBehind } from './place-behind.ts';

const evil = 'https://ond.example/x';

test('given links whose text is not where they lead, when they are looked at, then each says where that is', () => {
  for (const text of [
    'Logg inn på skatteetaten.no',
    '«skatteetaten.no»',
    '(skatteetaten.no)',
    '→ skatteetaten.no',
    'skatte\u200betaten.no',
    'skatteetaten．no',
    'skatteetaten.no@ond.example',
    'https://skatteetaten.no',
    'https://skatteetaten.no/ond.example',
    'Logg inn',
    'ond',
    '',
  ]) {
    assert.equal(placeBehind(evil, text), 'ond.example', text);
  }
  assert.equal(placeBehind('https://min.skatt.example/', 'skatt.example'), 'min.skatt.example');
  assert.equal(placeBehind('https://xn--skatt-yua.example/', 'skatt.example'), 'xn--skatt-yua.example');
  assert.equal(placeBehind('mailto:ond@ond.example', 'post@skatteetaten.no'), 'ond@ond.example');
  assert.equal(placeBehind('mailto:ond%@ond.example?subject=x', 'Skriv til oss'), 'ond%@ond.example');
  assert.equal(placeBehind('tel:+4782900000', '800 80 000'), '+4782900000');
  assert.equal(placeBehind('tel:+4782900000', 'Ring 80080000'), '+4782900000');
});

test('given links whose text is where they lead, when they are looked at, then nothing is added', () => {
  for (const [href, text] of [
    ['https://blåfjell.no/', 'blåfjell.no'],
    ['https://www.skatt.example/a', 'skatt.example'],
    ['https://skatt.example/b', 'https://www.skatt.example/a'],
    ['https://skatt.example:8443/', 'skatt.example:8443'],
    ['mailto:Post@skatt.example', 'post@skatt.example'],
    ['tel:+4780080000', '800 80 000'],
    ['tel:80080000', '+47 800 80 000'],
  ] as const) {
    assert.equal(placeBehind(href, text), null, text);
  }
});
