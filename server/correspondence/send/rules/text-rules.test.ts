import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthOf } from '../../../../test/growth.ts';
import { isMarkdown, isPersonal, isPlainText, personalized, titleCased } from './text-rules.ts';

test('given what senders write as titles, when it is plain text, then it passes', () => {
  for (const text of [
    'Vedtak',
    '',
    'Error #404',
    '*is not* plain _should_ pass',
    '1.234 kr',
    '1. første punkt',
    '123. punkt',
    '  mange   mellomrom ',
    '`kode` og \\ skråstrek',
    'a < b og b > c',
    'Pris <3',
    '[merknad] (se vedlegg)',
  ]) {
    assert.ok(isPlainText(text), text);
  }
});

test('given HTML, headings, links or images, when a title holds them, then it is not plain text', () => {
  for (const text of [
    '# Overskrift',
    'linje\n## Overskrift',
    '<b>fet</b>',
    '</p>',
    '&lt;b&gt;fet&lt;/b&gt;',
    '&#60;script&#62;',
    '&#x3C;b>',
    '[lenke](https://a.example)',
    '![bilde](https://a.example/b.png)',
    '<https://a.example>',
    '<!-- skjult -->',
    '`<b>`',
    '<img src=x alt="<" onerror=alert(1)>',
  ]) {
    assert.ok(!isPlainText(text), text);
  }
});

test('given bodies of Markdown, when HTML stands in code alone, then they pass', () => {
  for (const text of [
    '# Overskrift\n\n- punkt\n- **fet**',
    '[lenke](https://a.example)',
    'Se `<b>` her',
    '```html\n<h1>test</h1>\n```',
    '    <h1>innrykk</h1>',
    '<https://a.example> og <post@a.example>',
    'linje<br>linje<br/>linje',
    '&lt;h1&gt;',
    'a < b',
    '``to ` tegn <i>``',
  ]) {
    assert.ok(isMarkdown(text), text);
  }
});

test('given bodies with HTML, when it stands outside code, then they are refused', () => {
  for (const text of [
    '<h1>test</h1>',
    'tekst <b>fet',
    '<!-- skjult -->',
    '``åpent <b> uten slutt`',
    '`a` <i>b</i> `c`',
    '<script>x</script>',
    'en ` her\n\n<script>x</script>\n\nen ` der',
    'en ` her\n<div>x</div>\nen ` der',
    '# en `\n<i>x</i> `',
    '- en `\n- <b>x</b>`',
    'tekst\n    <b>fortsetter</b>',
    '- punkt\n\n    <b>i punktet</b>',
    '- ```\n<b>etter listen</b>',
    '~~~\nkode\n~~~\n<b>etter</b>',
    '``` a`b\n<b>ingen blokk</b>',
    '        ```\ntekst <b>ingen blokk</b>',
    '<img src=x alt="<" onerror=alert(1)>',
    'slutt\n\n<details ontoggle=alert(1) open',
    '> <iframe src=x ',
    String.raw`\`<b>\``,
    '# en `<b>\n`',
    '<br>\n<x:y/onmouseover=alert(1)>',
    '- <br>\n  ```<b>',
    '- ```x\na<b>```',
    '> ```\na<b>```',
    '`\n    # \n    <b>',
    '+     kode\n\n    <b>',
    '10. a\n    - b\n\n     <b>',
    'a | b\n--- | ---\n` | <b> | `',
  ]) {
    assert.ok(!isMarkdown(text), text);
  }
});

test('given texts meant to be slow, when they are four times as long, then checking them takes no more than its share', () => {
  const parts = [
    '`',
    '``x`',
    '```\n',
    '~~~',
    '~~~\n',
    '- ',
    '- a\n',
    '> ',
    '1. ',
    '<a <',
    '<div ',
    '\t',
    '\n    ',
    '` ``',
    '<a',
    '<a ',
    '[',
    '](',
    '<a:',
    '<a@',
    '# ',
    '&lt;',
    '    x\n',
    '{{',
  ];
  const growth = growthOf((length) => {
    for (const part of parts) {
      const text = part.repeat(length / part.length);
      isMarkdown(text);
      isPlainText(text);
    }
  }, 7_500);

  assert.ok(growth < 10, `${growth} times as much for four times the length`);
});

test('given a greeting by name, when it is filled in, then dollar signs in a name are only letters', () => {
  assert.ok(isPersonal(['Vedtak', null, 'Hei {{recipientName}}']));
  assert.ok(!isPersonal(['Vedtak', null, 'Hei {{recipientname}}']));
  assert.equal(personalized('Hei {{recipientName}}, {{recipientName}}', '$& AS'), 'Hei $& AS, $& AS');
  assert.equal(titleCased('KARI ÅSE NORDMANN-LIE'), 'Kari Åse Nordmann-Lie');
  assert.equal(titleCased("O'BRIEN AS"), "O'brien As");
});
