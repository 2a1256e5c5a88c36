import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import { dialogIdOf, messageOfDialog } from './dialog-id.ts';

test('given many messages, when their dialogs are named, then each id is a UUID version 7 with the time of its message, leads back to it, and is no other', () => {
  const messages = Array.from({ length: 5000 }, () => newId<CorrespondenceId>());
  const dialogs = messages.map(dialogIdOf);
  for (const [i, dialog] of dialogs.entries()) {
    assert.match(dialog, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(dialog.slice(0, 13), messages[i]!.slice(0, 13));
    assert.equal(messageOfDialog(dialog), messages[i]);
    assert.equal(messageOfDialog(dialog.toUpperCase()), messages[i]);
  }
  assert.equal(new Set([...messages, ...dialogs]).size, 10_000);
});

test('given an id of groups that begin with zeros, when its dialog is named, then no figure is lost', () => {
  const id = '0198f0a0-0000-7000-8000-000000000000' as CorrespondenceId;
  assert.equal(dialogIdOf(id), '0198f0a0-0000-7d1a-b060-b0d5714c7e11');
  assert.equal(messageOfDialog(dialogIdOf(id)), id);
});
