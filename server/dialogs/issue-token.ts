import { mayEach } from '#access/index.ts';
import { dialogClaimsOf } from '#identity/index.ts';
import type { Caller } from '#kernel/context.ts';
import { findParties, partyUrn } from '#register/index.ts';
import type { DialogContext } from './context.ts';
import { readQuestion, standingIn } from './find-dialog.ts';
import type { DialogFacts } from './store/dialog.ts';

/** What may be done with what a dialog shows. */
const actions = ['read', 'write'] as const;

/**
 * The token with which this reader fetches what the dialog refers to: ten minutes, this dialog, this party, the actions that the
 * reader has the right to now; the right is asked for again when it is used. Null for a reader whom no token can name.
 * Source: compatibility.md, platform, §5.3.
 */
export async function issueToken(ctx: DialogContext, caller: Caller, facts: DialogFacts): Promise<string | null> {
  const rights = await mayEach(
    ctx.db,
    actions.map((action) => ({ caller, question: { ...readQuestion(facts), action } })),
  );
  const parties = await findParties(ctx.db, [facts.recipientId, caller.subject!, caller.party!]);
  const who = {
    personNumber: parties.get(caller.subject!)?.number ?? null,
    systemUserId: caller.subject!,
    ownerNumber: parties.get(caller.party!)?.number ?? null,
  };
  const claims = dialogClaimsOf(caller, who, {
    p: partyUrn(parties.get(facts.recipientId)!),
    s: `urn:altinn:resource:${facts.resourceId}`,
    i: standingIn(facts),
    a: actions.filter((_, i) => rights[i]!.permit && rights[i]!.by === 'right').join(';'),
  });
  return claims ? ctx.dialogTokens.sign(claims) : null;
}
