import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cause, type CauseFacts, causeOf, causes } from './cause-of.ts';

const yesNo = [false, true] as const;
const classes = ['UNREACHABLE', 'GRANTABLE', 'COLD', 'REACHABLE', 'PROVEN', 'UNKNOWN'] as const;

/** Every combination of facts that can be told apart. */
function* everything(): Generator<CauseFacts> {
  for (const published of yesNo)
    for (const receiverAlive of yesNo)
      for (const klass of classes)
        for (const attachmentLocked of yesNo)
          for (const opened of yesNo)
            for (const confirmNeeded of yesNo)
              for (const isFile of yesNo)
                for (const noContactPoint of yesNo)
                  for (const sent of [0, 1])
                    for (const failed of [0, 1])
                      for (const due of [0, 1])
                        yield {
                          published,
                          receiverAlive,
                          class: klass,
                          attachmentLocked,
                          opened,
                          confirmNeeded,
                          isFile,
                          noContactPoint,
                          sent,
                          failed,
                          due,
                        };
}

/** The list of design, written once more and otherwise: what must not hold before each cause does. */
function expected(f: CauseFacts): Cause {
  if (!f.published) return 'not-published';
  if (!f.receiverAlive) return 'receiver-gone';
  if (f.class === 'UNREACHABLE') return 'no-opener';
  if (f.class === 'GRANTABLE') return 'grant-needed';
  if (f.attachmentLocked) return 'attachment-locked';
  if (f.opened && f.confirmNeeded) return 'opened-not-confirmed';
  if (f.isFile) return 'file-not-fetched';
  if (f.sent > 0) return f.class === 'UNKNOWN' ? 'unknown' : 'notified-not-opened';
  if (f.noContactPoint) return 'no-contact-point';
  if (f.failed > 0) return 'notification-failed';
  return f.due > 0 ? 'waiting' : 'not-notified';
}

test('given every combination of facts, when asked why it is unread, then there is exactly one cause, the first that holds', () => {
  const met = new Set<Cause>();
  let n = 0;
  for (const facts of everything()) {
    const cause = causeOf(facts);
    assert.equal(cause, expected(facts), JSON.stringify(facts));
    met.add(cause);
    n += 1;
  }
  assert.equal(n, 6 * 2 ** 10);
  assert.deepEqual(new Set(causes), met, 'every cause is met');
});
