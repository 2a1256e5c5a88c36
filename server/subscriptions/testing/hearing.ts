import { after } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { Party } from '#register/index.ts';
import { organizationCaller } from '../../../test/world.ts';
import { createTown, type Town } from '../../correspondence/testing/town.ts';
import type { SubscriptionContext } from '../context.ts';
import { deliverDue } from '../deliver.ts';
import { type Subscribed, subscribe } from '../subscribe.ts';
import { tellEvents } from '../tell-events.ts';
import { createAddressJudge } from '../webhook/networks.ts';
import { createWebhooks } from '../webhook/post-webhook.ts';
import type { SubscriptionRequest } from '../wire.ts';
import { type Receiver, startReceiver } from './receiver.ts';

/** The town, with the means to subscribe in it. */
export interface Hearing {
  readonly town: Town;
  readonly ctx: SubscriptionContext;
  /** A new endpoint that answers 200. */
  endpoint(): Promise<Receiver>;
  /** Subscribes to letters and has the endpoint validated. */
  subscribed(caller: Caller, receiver: Receiver, more?: SubscriptionRequest): Promise<Subscribed>;
  /** Ends every subscription, so that a test meets its own alone. */
  endAll(): Promise<void>;
  /** Tells what is committed and delivers what is due, once. */
  deliver(): Promise<void>;
  /** Time passes; what is due in it is delivered at its time. */
  pass(seconds: number): Promise<void>;
}

export const publicUrl = 'https://post.example.no';

/** A token of an organization that subscribes. As an owner of services: with its scope. */
export function subscriber(party: Party, owner = false): Caller {
  return organizationCaller(party, owner ? ['altinn:serviceowner', 'altinn:events.subscribe'] : ['altinn:events.subscribe']);
}

export async function createHearing(timeoutMillis = 2_000): Promise<Hearing> {
  const town = await createTown();
  const mayReach = createAddressJudge(['127.0.0.0/8']);
  const webhooks = createWebhooks({ mayReach, timeoutMillis });
  const ctx: SubscriptionContext = {
    ...town.world.ctx,
    webhooks,
    endpoints: { allowHttp: true, mayReach },
    publicUrl,
    addresses: { inbox: publicUrl, console: publicUrl },
  };
  const receivers: Receiver[] = [];
  after(async () => {
    webhooks.close();
    await Promise.all(receivers.map((receiver) => receiver.stop()));
  });
  const deliver = async (): Promise<void> => {
    while ((await tellEvents(ctx)) === 'more');
    await deliverDue(ctx);
  };
  return {
    town,
    ctx,
    deliver,
    async endpoint() {
      const receiver = await startReceiver();
      receivers.push(receiver);
      return receiver;
    },
    async endAll() {
      await ctx.db.transaction(async (tx) => void (await tx.run(sql`delete from subscriptions.subscription`)));
    },
    async subscribed(caller, receiver, more = {}) {
      const subscribed = await subscribe(ctx, caller, { endPoint: receiver.url, resourceFilter: 'urn:altinn:resource:brev', ...more });
      await deliver();
      return subscribed;
    },
    async pass(seconds) {
      const end = ctx.now().getTime() + seconds * 1000;
      for (;;) {
        await deliver();
        const now = ctx.now().getTime();
        if (now >= end) return;
        const { at } = await ctx.db.one<{ at: Date | null }>(sql`select min(due_at) as at from subscriptions.subscription`);
        const next = Math.min(end, at === null ? end : Math.max(at.getTime(), now) + 2);
        await town.world.advance((next - now) / 1000);
      }
    },
  };
}
