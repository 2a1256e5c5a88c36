export type { SubscriptionContext } from './context.ts';
export { forgetSweeper, subscriptionSweepers } from './jobs.ts';
export { nextDeliveryDueAt } from './next-due.ts';
export { ownSecrets } from './own-secrets.ts';
export type { EndpointRules } from './webhook/endpoint.ts';
export { createAddressJudge, parseNetwork } from './webhook/networks.ts';
export { createWebhooks, type WebhookPort } from './webhook/post-webhook.ts';
