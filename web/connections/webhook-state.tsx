import { Tag } from '@digdir/designsystemet-react';
import type { Webhook } from '../api/connections.ts';
import { useText } from '../ui/language.ts';

/** How a webhook fares, in a word. */
export function WebhookState({ webhook }: { readonly webhook: Webhook }) {
  const { t } = useText();
  const fails = webhook.state === 'Active' && webhook.failures > 0;
  const waits = webhook.state === 'Unvalidated' && webhook.failures > 0;
  const mustAct = fails || waits || (webhook.state === 'Paused' && webhook.failures > 0);
  return (
    <Tag data-size="sm" data-color={mustAct ? 'warning' : webhook.state === 'Active' ? 'success' : 'neutral'}>
      {fails ? t('webhooks.failing') : t(`webhooks.state.${webhook.state}`)}
    </Tag>
  );
}
