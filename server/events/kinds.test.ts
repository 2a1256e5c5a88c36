import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AltinnEvent, altinnEvents, altinnKind } from './kinds.ts';

test('given the table of events, when each is named on the wire, then its type is in lower case and its source is that of its instance', () => {
  for (const name of Object.keys(altinnEvents) as AltinnEvent[]) {
    const { type, source } = altinnKind(name);
    assert.equal(type, `no.altinn.correspondence.${name.toLowerCase()}`);
    const instance = name.startsWith('attachment') ? 'attachment' : name === 'notificationcreated' ? 'notification' : 'correspondence';
    assert.equal(source, `/correspondence/api/v1/${instance}`);
  }
});

test('given the table of events, when it says whom they speak of, then a published message is told to its recipient alone and a missed date to both', () => {
  const told = Object.fromEntries(Object.entries(altinnEvents).map(([name, { subject }]) => [name, [...subject].join()]));
  const { correspondencepublished, correspondencereceiverneverread, correspondencereceiverneverconfirmed, ...others } = told;
  assert.deepEqual(
    [correspondencepublished, correspondencereceiverneverread, correspondencereceiverneverconfirmed],
    ['recipient', 'recipient,owner', 'recipient,owner'],
  );
  assert.deepEqual([...new Set(Object.values(others))], ['owner']);
});
