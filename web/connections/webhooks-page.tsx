import { Table } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { useWebhooks, type Webhook } from '../api/connections.ts';
import type { Party } from '../api/session.ts';
import { SenderPage } from '../console/sender-page.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { useTitleOf } from '../ui/service-titles.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Waiting } from '../ui/states.tsx';
import { ConnectionsTabs } from './connections-tabs.tsx';
import { useEventName } from './events.ts';
import { Troubles } from './troubles.tsx';
import { WebhookForm } from './webhook-form.tsx';
import { WebhookState } from './webhook-state.tsx';

export function WebhooksPage() {
  const { t } = useText();
  return (
    <SignedIn>
      <SenderPage title={t('webhooks.title')} Tabs={ConnectionsTabs}>
        {(party) => <OfParty key={party.id} party={party} />}
      </SenderPage>
    </SignedIn>
  );
}

/** Where systems of the organization are told of what happens with its post, and how that fares. */
function OfParty({ party }: { readonly party: Party }) {
  const { t } = useText();
  const webhooks = useWebhooks(party.id);
  const rows = webhooks.data?.subscriptions ?? [];
  return (
    <>
      <p className="narrow">{t('webhooks.lead', { name: plainly(party.name, 80) })}</p>
      <Troubles error={webhooks.error} party={party} again={() => void webhooks.refetch()} />
      {webhooks.isLoading ? <Waiting /> : null}
      {webhooks.data && rows.length === 0 ? (
        <Empty title={t('webhooks.empty')}>
          <p>{t('webhooks.emptyNext')}</p>
        </Empty>
      ) : null}
      {rows.length > 0 ? <WebhookTable rows={rows} party={party.id} /> : null}
      {webhooks.data && !webhooks.error ? <WebhookForm party={party.id} /> : null}
    </>
  );
}

function WebhookTable({ rows, party }: { readonly rows: readonly Webhook[]; readonly party: string }) {
  const { t } = useText();
  const { day } = useDates();
  const titleOf = useTitleOf(party);
  const eventName = useEventName();
  return (
    <Scrolling label={t('webhooks.title')}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            {(['endPoint', 'state', 'pending', 'events', 'service', 'made'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`webhooks.column.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((webhook) => (
            <Table.Row key={webhook.id}>
              <Table.HeaderCell scope="row" className="wrap">
                <Link to="/console/connections/$id" params={{ id: String(webhook.id) }} search={{ party }}>
                  {plainly(webhook.endPoint, 120)}
                </Link>
              </Table.HeaderCell>
              <Table.Cell data-label={t('webhooks.column.state')}>
                <WebhookState webhook={webhook} />
              </Table.Cell>
              <Table.Cell data-label={t('webhooks.column.pending')}>{webhook.pending}</Table.Cell>
              <Table.Cell className="wrap" data-label={t('webhooks.column.events')}>
                {webhook.typeFilter ? eventName(webhook.typeFilter) : t('webhooks.allEvents')}
              </Table.Cell>
              <Table.Cell className="wrap" data-label={t('webhooks.column.service')}>
                {titleOf(serviceOf(webhook))}
              </Table.Cell>
              <Table.Cell data-label={t('webhooks.column.made')}>
                {webhook.madeBy
                  ? t('webhooks.madeBy', { at: day(webhook.created), name: plainly(webhook.madeBy, 80) })
                  : day(webhook.created)}
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}

/** Pure. */
export function serviceOf({ resourceFilter }: Pick<Webhook, 'resourceFilter'>): string {
  return resourceFilter.split(':').at(-1)!;
}
