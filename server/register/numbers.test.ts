import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isNationalIdentityNumber, isOrganizationNumber, kindOfIdentityNumber } from './numbers.ts';

test('given the numbers of real and synthetic organizations, when they are checked, then both series are valid', () => {
  for (const number of ['991825827', '974760673', '313600947', '310000000']) assert.equal(isOrganizationNumber(number), true, number);
});

test('given an organization number with one digit mistyped, when it is checked, then it is not valid', () => {
  const digit = fc.integer({ min: 0, max: 8 });
  fc.assert(
    fc.property(fc.constantFrom('991825827', '974760673', '313600947'), digit, fc.integer({ min: 1, max: 9 }), (number, place, shift) => {
      const digits = [...number];
      digits[place] = String((Number(digits[place]) + shift) % 10);
      assert.equal(isOrganizationNumber(digits.join('')), false);
    }),
  );
});

test('given text that is not nine plain digits, when it is checked, then it is no organization number', () => {
  for (const text of ['', '99182582', '9918258270', ' 991825827', '991825827\n', '９９１８２５８２７', '0192:991825827', '-91825827']) {
    assert.equal(isOrganizationNumber(text), false, JSON.stringify(text));
  }
});

test('given birth, D and synthetic numbers, when they are checked, then all are valid', () => {
  for (const number of ['02013299997', '42013299980', '16822548834', '11812448848', '11876995923', '14886498226']) {
    assert.equal(isNationalIdentityNumber(number), true, number);
  }
});

test('given a number that is valid under the rule of 2032 only, when it is checked today, then it is valid', () => {
  assert.equal(isNationalIdentityNumber('30108299939'), true);
});

test('given a national identity number with its last digit mistyped, when it is checked, then it is not valid', () => {
  for (const shift of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    assert.equal(isNationalIdentityNumber(`0201329999${(7 + shift) % 10}`), false);
  }
});

test('given text that is not eleven plain digits, when it is checked, then it is no national identity number', () => {
  for (const text of ['', '0201329999', '020132999970', '02013299997 ', '0201329999７', '02013 299997']) {
    assert.equal(isNationalIdentityNumber(text), false, JSON.stringify(text));
  }
});

test('given numbers of each kind, when their kind is asked, then the offsets of day and month tell it', () => {
  assert.deepEqual(kindOfIdentityNumber('02013299997'), { dNumber: false, series: 'ordinary' });
  assert.deepEqual(kindOfIdentityNumber('42013299980'), { dNumber: true, series: 'ordinary' });
  assert.deepEqual(kindOfIdentityNumber('16822548834'), { dNumber: false, series: 'synthetic' });
  assert.equal(kindOfIdentityNumber('00000000000'), undefined);
  assert.equal(kindOfIdentityNumber('02013299998'), undefined);
});
