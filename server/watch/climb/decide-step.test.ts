import assert from 'node:assert/strict';
import { test } from 'node:test';
import { next } from '#kernel/machine.ts';
import { causes } from '../causes/cause.ts';
import { changeOf } from '../openers/reevaluate.ts';
import { decideAct } from '../progress/note-acts.ts';
import { stepMoves, watchMoves } from '../states.ts';
import type { StepSpec } from '../types.ts';
import {
  awaitDecision,
  checkPublication,
  type Decision,
  decideStep,
  notifyGrantors,
  notifyNewOpener,
  notifyUnlocked,
  type StepState,
  tellFailure,
} from './decide-step.ts';

const state: StepState = {
  published: true,
  beingTold: false,
  opened: false,
  confirmNeeded: false,
  attachmentLocked: false,
  receiverAlive: true,
  openers: 1,
  grantors: 1,
  hasFallback: false,
  cause: 'waiting',
};
const notify: StepSpec = { name: 'notify', after: 'PT0S', when: [], who: 'openers', channel: 'preferred', text: 'new-mail' };
const remind: StepSpec = { ...notify, name: 'remind', after: 'P7D', otherwise: 'grantors', text: 'reminder' };
const leaders: StepSpec = { ...notify, name: 'tell-leaders', who: 'key-roles', text: 'key-roles' };
const reserve: StepSpec = { ...notify, name: 'tell-fallback', who: 'fallback', text: 'fallback' };
const second: StepSpec = { ...notify, name: 'ask-second', who: 'sender-fallback', text: 'sender-decision' };
const paper: StepSpec = { ...notify, name: 'print', who: 'print', channel: 'event', text: 'print' };
const fetched = { isFile: true, opened: true, confirmNeeded: true, cause: 'opened-not-confirmed' } as const;
const sealed = { openers: 0, cause: 'grant-needed' } as const;

const cases: readonly (readonly [string, StepSpec, Partial<StepState>, string])[] = [
  ['somebody can open', notify, {}, 'openers new-mail'],
  ['nobody can open', notify, sealed, 'skip no-opener'],
  ['the recipient is gone', notify, { receiverAlive: false, cause: 'receiver-gone' }, 'skip receiver-gone'],
  ['it is not published', notify, { published: false, cause: 'not-published' }, 'skip not-published'],
  ['somebody can open', notifyGrantors, {}, 'skip not-this-cause'],
  ['nobody can open and somebody can grant', notifyGrantors, sealed, 'grantors sealed'],
  ['nobody can open and nobody can grant', notifyGrantors, { openers: 0, grantors: 0, cause: 'no-opener' }, 'skip not-this-cause'],
  ['an attachment is locked', notifyGrantors, { attachmentLocked: true, cause: 'attachment-locked' }, 'grantors sealed-attachment'],
  ['nobody has opened', remind, {}, 'openers reminder'],
  ['nobody can open but somebody can grant', remind, sealed, 'grantors sealed'],
  ['nobody can open or grant', remind, { openers: 0, grantors: 0, cause: 'no-opener' }, 'skip no-opener'],
  [
    'it is opened and waits for confirmation',
    remind,
    { opened: true, confirmNeeded: true, cause: 'opened-not-confirmed' },
    'openers reminder-confirm',
  ],
  [
    'it is opened and an attachment is locked',
    remind,
    { opened: true, attachmentLocked: true, cause: 'attachment-locked' },
    'grantors sealed-attachment',
  ],
  [
    'it is opened, an attachment is locked and nobody can grant',
    remind,
    { opened: true, attachmentLocked: true, grantors: 0, cause: 'attachment-locked' },
    'skip opened',
  ],
  [
    'it is opened, and an attachment was unlocked since',
    remind,
    { opened: true, cause: 'file-not-fetched' },
    'openers attachment-reminder',
  ],
  [
    'somebody comes who can open, of a letter that lies for its attachment',
    notifyNewOpener,
    { opened: true },
    'openers attachment-unlocked',
  ],
  ['an attachment can be opened', notifyUnlocked, {}, 'openers attachment-unlocked'],
  [
    'an attachment can be opened, and the letter is to be confirmed',
    notifyUnlocked,
    { opened: true, confirmNeeded: true, cause: 'opened-not-confirmed' },
    'openers attachment-unlocked',
  ],
  ['an attachment is locked again', notifyUnlocked, { attachmentLocked: true, cause: 'attachment-locked' }, 'skip attachment-locked'],
  ['somebody can open again', notifyNewOpener, {}, 'openers new-mail'],
  ['a file is fetched and not confirmed', notify, { ...fetched }, 'skip opened'],
  ['a file is fetched and nobody is left who could confirm', notify, { ...fetched, openers: 0 }, 'skip no-opener'],
  [
    'a file is fetched and somebody could let in who confirms',
    { ...notify, otherwise: 'grantors' },
    { ...fetched, openers: 0 },
    'grantors sealed',
  ],
  ['a file is fetched and not confirmed', remind, { ...fetched }, 'openers reminder-confirm'],
  ['somebody can open a file again that was fetched and not confirmed', notifyNewOpener, { ...fetched }, 'openers reminder-confirm'],
  ['a letter is opened and waits for confirmation', notify, { ...fetched, isFile: false }, 'openers new-mail'],
  ['it hangs unpublished', checkPublication, { published: false, cause: 'not-published' }, 'sender sender-unread'],
  ['it was published after all', checkPublication, {}, 'skip published'],
  ['the ladder is at its end', awaitDecision, sealed, 'sender sender-decision'],
  ['it is opened, and the ladder is at its end', awaitDecision, { opened: true, cause: 'opened-not-confirmed' }, 'sender sender-unread'],
  ['it has failed', tellFailure, { published: false, cause: 'not-published' }, 'sender sender-failed'],
  ['nobody has opened', leaders, {}, 'key-roles key-roles'],
  ['it is opened', leaders, { opened: true }, 'skip opened'],
  ['the recipient is gone', leaders, { receiverAlive: false, cause: 'receiver-gone' }, 'skip receiver-gone'],
  ['the resource names nobody', reserve, {}, 'skip no-fallback'],
  ['the resource names somebody', reserve, { hasFallback: true }, 'fallback fallback-unread'],
  [
    'nobody can open or grant and the resource names somebody',
    reserve,
    { hasFallback: true, openers: 0, grantors: 0 },
    'fallback fallback',
  ],
  [
    'the recipient is gone and the resource names somebody',
    reserve,
    { hasFallback: true, receiverAlive: false },
    'fallback fallback-unread',
  ],
  ['it is opened and the resource names somebody', reserve, { hasFallback: true, opened: true }, 'skip opened'],
  ['nobody has opened', second, {}, 'sender-fallback sender-decision'],
  ['somebody has opened', second, { opened: true }, 'sender-fallback sender-unread'],
  ['nobody has opened', paper, {}, 'relay'],
  ['it is opened', paper, { opened: true }, 'skip opened'],
  ['the recipient is gone', paper, { receiverAlive: false, cause: 'receiver-gone' }, 'skip receiver-gone'],
  ['it is for another cause', { ...paper, when: ['waiting'] }, { cause: 'no-opener' }, 'skip not-this-cause'],
  ['it has failed and the mail waits', tellFailure, { published: false, beingTold: true, cause: 'not-published' }, 'skip being-told'],
];
function inWords(decided: Decision): string {
  if (decided.kind === 'relay') return 'relay';
  return decided.kind === 'skip' ? `skip ${decided.reason}` : `${decided.who} ${decided.purpose}`;
}

for (const [when, spec, over, expected] of cases) {
  test(`given that ${when}, when ${spec.name} is due, then: ${expected}`, () => {
    const decided = decideStep(spec, { ...state, ...over });
    assert.equal(inWords(decided), expected);
  });
}

test('given every state, when any step is decided, then nobody is told who could do nothing, and the sender always is', () => {
  const yesNo = [false, true];
  const specs = [notify, remind, notifyGrantors, notifyNewOpener, awaitDecision];
  for (const spec of specs)
    for (const cause of causes)
      for (const opened of yesNo)
        for (const confirmNeeded of yesNo)
          for (const attachmentLocked of yesNo)
            for (const openers of [0, 2])
              for (const grantors of [0, 2]) {
                const decided = decideStep(spec, { ...state, cause, opened, confirmNeeded, attachmentLocked, openers, grantors });
                if (spec.who === 'sender')
                  assert.deepEqual(decided, { kind: 'act', who: 'sender', purpose: opened ? 'sender-unread' : 'sender-decision' });
                if (decided.kind !== 'act') continue;
                if (decided.who === 'openers') assert.ok(openers > 0);
                if (decided.who === 'grantors') assert.ok(grantors > 0 && (openers === 0 || attachmentLocked));
              }
});

type ActedOn = Parameters<typeof decideAct>[0];
const untouched: ActedOn = { settledAt: null, openedAt: null, confirmNeeded: false, confirmedAt: null, attachmentLocked: false };
const [asking, seen, locked] = [{ confirmNeeded: true }, { openedAt: new Date() }, { attachmentLocked: true }];

const acts: readonly (readonly [string, Partial<ActedOn>, Parameters<typeof decideAct>[1], string])[] = [
  ['an ordinary letter', {}, 'opened', 'opened'],
  ['an ordinary letter', {}, 'handed-over', 'handed-over'],
  ['an ordinary letter', {}, 'confirmed', 'still-open'],
  ['a letter', asking, 'opened', 'still-open'],
  ['a letter that nobody has opened', asking, 'confirmed', 'still-open'],
  ['a letter that is opened', { ...asking, ...seen }, 'confirmed', 'confirmed'],
  ['one that was confirmed unseen', { ...asking, confirmedAt: new Date() }, 'opened', 'confirmed'],
  ['one with a locked attachment', locked, 'opened', 'still-open'],
  ['one with a locked attachment', { ...asking, ...seen, ...locked }, 'confirmed', 'still-open'],
  ['one that was confirmed while locked', { ...asking, ...seen, confirmedAt: new Date() }, 'opened', 'confirmed'],
  ['one that is settled', { ...asking, ...seen, settledAt: new Date() }, 'confirmed', 'was-settled'],
];
for (const [what, item, act, expected] of acts) {
  test(`given ${what}${item.confirmNeeded ? ' (confirmation asked)' : ''}, when ${act}, then: ${expected}`, () => {
    const decided = decideAct({ ...untouched, ...item }, act);
    assert.equal(decided.kind === 'settled' ? decided.outcome : decided.kind, expected);
  });
}

const stored = { class: 'REACHABLE', openers: 1, grantors: 1, attachmentLocked: false, accessVersion: '1' } as const;
const none = { ...stored, class: 'GRANTABLE', openers: 0 } as const;
const nobody = { ...none, class: 'UNREACHABLE', grantors: 0 } as const;
for (const [what, before, after, expected] of [
  ['one reader more', stored, { ...stored, openers: 2 }, 'none'],
  ['a reader who has not been here for long', stored, { ...stored, class: 'COLD' }, 'none'],
  ['the last reader gone', stored, none, 'lost'],
  ['the first reader', nobody, stored, 'regained'],
  ['nobody left who can grant', none, nobody, 'ungrantable'],
  ['somebody who can grant', nobody, none, 'grantable'],
  ['an attachment that nobody can open any more', stored, { ...stored, attachmentLocked: true }, 'locked'],
  ['an attachment that somebody can open again', { ...stored, attachmentLocked: true }, stored, 'unlocked'],
] as const) {
  test(`given ${what}, when access is computed anew, then the change is: ${expected}`, () => {
    assert.equal(changeOf(before, after), expected);
  });
}

test('given the states of a step and of a watch, when anything happens after the end, then nothing moves', () => {
  for (const end of ['done', 'skipped', 'cancelled'] as const) assert.equal(next(stepMoves, end, 'act'), undefined);
  assert.equal(next(watchMoves, 'settled', 'open'), undefined);
  assert.equal(next(watchMoves, 'begun', 'publish'), 'published');
});
