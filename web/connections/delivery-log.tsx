import { Button, Heading, Table, Tag } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { type Delivery, deliveryStates, useDeliveries, useReplay, type Webhook } from '../api/connections.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { More } from '../ui/more.tsx';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { useEventName } from './events.ts';
import { Refused } from './refused.tsx';

const colors = { Pending: 'warning', Delivered: 'success', GivenUp: 'warning', Withheld: 'neutral' } as const;

/** What was delivered and what was not, newest first, with what the endpoint answered. */
export function DeliveryLog({ webhook, party }: { readonly webhook: Webhook; readonly party: string }) {
  const { t } = useText();
  const [state, setState] = useState<Delivery['state']>();
  const log = useDeliveries(party, webhook.id, state);
  const rows = log.data?.pages.flatMap(({ deliveries }) => deliveries) ?? [];
  return (
    <section className="stack" aria-labelledby="webhook-log">
      <Heading level={2} data-size="xs" id="webhook-log">
        {t('webhooks.log')}
      </Heading>
      <fieldset className="filters">
        <legend className="ds-sr-only">{t('webhooks.onlyState')}</legend>
        {deliveryStates.map((each) => (
          <button
            key={each}
            type="button"
            className="filter"
            aria-pressed={each === state}
            onClick={() => setState(each === state ? undefined : each)}
          >
            {t(`webhooks.delivery.${each}`)}
          </button>
        ))}
      </fieldset>
      {log.isLoading ? <Waiting /> : null}
      {log.error ? <Trouble error={log.error} again={() => void log.refetch()} /> : null}
      {log.data && rows.length === 0 ? (
        <Empty title={state ? t('webhooks.noneSuch') : t('webhooks.noneYet')}>{state ? null : <p>{t('webhooks.noneYetNext')}</p>}</Empty>
      ) : null}
      {rows.length > 0 ? <LogTable rows={rows} webhook={webhook} party={party} /> : null}
      <More of={log} />
    </section>
  );
}

interface LogProps {
  readonly rows: readonly Delivery[];
  readonly webhook: Webhook;
  readonly party: string;
}

function LogTable({ rows, webhook, party }: LogProps) {
  const { t } = useText();
  const { moment } = useDates();
  const eventName = useEventName();
  return (
    <Scrolling label={t('webhooks.log')}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            {(['number', 'what', 'became', 'answer', 'again'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`webhooks.log.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((row) => (
            <Table.Row key={row.number}>
              <Table.HeaderCell scope="row" data-label={t('webhooks.log.number')}>
                {row.number}
              </Table.HeaderCell>
              <Table.Cell className="wrap" data-label={t('webhooks.log.what')}>
                {row.type ? eventName(row.type) : t('webhooks.hidden')}
                <span className="quiet"> {moment(row.at)}</span>
              </Table.Cell>
              <Table.Cell data-label={t('webhooks.log.became')}>
                <Tag data-size="sm" data-color={row.state === 'Pending' && row.attempts === 0 ? 'neutral' : colors[row.state]}>
                  {t(`webhooks.delivery.${row.state}`)}
                </Tag>
                <span className="quiet"> {t('webhooks.attempts', { count: row.attempts })}</span>
              </Table.Cell>
              <Table.Cell className="wrap" data-label={t('webhooks.log.answer')}>
                {row.lastAnswer ? plainly(row.lastAnswer, 120) : t('webhooks.noAnswer')}
              </Table.Cell>
              <Table.Cell className="cards-whole">
                {row.state === 'Withheld' || webhook.state === 'Unvalidated' ? null : <Again row={row} webhook={webhook} party={party} />}
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}

/** Delivers this event once more, under the number that it has. */
function Again({ row, webhook, party }: { readonly row: Delivery; readonly webhook: Webhook; readonly party: string }) {
  const { t } = useText();
  const replay = useReplay(party, webhook.id);
  // The event's own moment: what is shown of it is cut to milliseconds.
  const to = new Date(Date.parse(row.at) + 1).toISOString();
  const again = (): void =>
    afterwards(replay.mutateAsync({ from: row.at, to }), () => announce(t('webhooks.againDone', { number: row.number })));
  return (
    <div className="stack-tight">
      <Button variant="secondary" data-size="sm" loading={replay.isPending} onClick={again}>
        {t('webhooks.again', { number: row.number })}
      </Button>
      <Refused error={replay.error} />
    </div>
  );
}
