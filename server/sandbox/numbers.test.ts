import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isNationalIdentityNumber, isOrganizationNumber, kindOfIdentityNumber } from '#register/index.ts';
import { companyNameFrom, managerAddressFrom, personAddressFrom, personNameFrom } from './names.ts';
import { organizationNumberFrom, personNumberFrom } from './numbers.ts';

test('given any seed, when numbers are made of it, then they are valid, of the invented series, and the same each time', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const [organization, person] = [organizationNumberFrom(seed), personNumberFrom(seed)];
      assert.ok(isOrganizationNumber(organization) && /^[23]/.test(organization), organization);
      assert.ok(isNationalIdentityNumber(person), person);
      assert.deepEqual(kindOfIdentityNumber(person), { dNumber: false, series: 'synthetic' });
      assert.deepEqual([organizationNumberFrom(seed), personNumberFrom(seed)], [organization, person]);
    }),
  );
});

test('given a thousand organizations, when their managers are made, then hardly two are the same person', () => {
  const managers = new Set(Array.from({ length: 1000 }, (_, i) => personNumberFrom(organizationNumberFrom(String(i)))));
  assert.ok(managers.size >= 995, String(managers.size));
});

test('given a number, when its first check digit is held against the rule of today, then it fits, since other systems know no other', () => {
  const weights = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
  for (let i = 0; i < 500; i++) {
    const number = personNumberFrom(String(i));
    assert.equal(weights.reduce((sum, weight, at) => sum + weight * Number(number[at]), 0) % 11, 0, number);
  }
});

test('given a person’s number, when name and address are made of it, then the address tells nothing of the number', () => {
  const number = personNumberFrom('x');
  assert.match(personNameFrom(number), /^\p{L}+ \p{L}+$/u);
  assert.match(personAddressFrom(number), /^[a-z]+\.[a-z]+\.[0-9a-z]{4}@example\.com$/);
  assert.ok(!personAddressFrom(number).includes(number.slice(0, 6)));
});

test('given a company’s number, when its manager’s address is made, then it can be found by the number', () => {
  assert.equal(managerAddressFrom('310000000'), 'daglig.leder.310000000@example.com');
  assert.match(companyNameFrom('310000000'), / AS$/);
});
