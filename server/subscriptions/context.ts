import type { Context } from '#kernel/context.ts';
import type { EndpointRules } from './webhook/endpoint.ts';
import type { WebhookPort } from './webhook/post-webhook.ts';

/** What subscriptions need beside a database and a clock. */
export interface SubscriptionContext extends Context {
  readonly webhooks: WebhookPort;
  readonly endpoints: EndpointRules;
  /** Where clients reach this server: what sources of events begin with. */
  readonly publicUrl: string;
  /** Where readers and senders go from a notice. */
  readonly addresses: { readonly inbox: string; readonly console: string };
}
