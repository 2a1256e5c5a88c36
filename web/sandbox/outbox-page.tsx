import { Button, Heading, Tag } from '@digdir/designsystemet-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type Caught, useOutbox } from '../api/sandbox.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { SearchField } from '../ui/search-field.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { SandboxOnly } from './sandbox-only.tsx';

export function OutboxPage() {
  const { t } = useText();
  return (
    <SandboxOnly title={t('sandbox.outbox')}>
      <Outbox />
    </SandboxOnly>
  );
}

/** Mail and SMS as they went out, latest first. */
function Outbox() {
  const { t } = useText();
  const { address = '' } = useSearch({ from: '/sandbox' });
  const navigate = useNavigate({ from: '/sandbox' });
  const outbox = useOutbox(address);
  const messages = outbox.data?.pages.flatMap(({ items }) => items) ?? [];
  const search = (text: string): void => void navigate({ search: { address: text || undefined } });
  return (
    <>
      <p className="narrow">{t('sandbox.outboxLead')}</p>
      <SearchField label={t('sandbox.address')} text={address} search={search} />
      {outbox.isPending ? <Waiting /> : null}
      {outbox.error ? <Trouble error={outbox.error} again={() => void outbox.refetch()} /> : null}
      {outbox.data && messages.length === 0 ? (
        <Empty title={address ? t('sandbox.outboxNone', { address }) : t('sandbox.outboxEmpty')}>
          <p>{address ? t('sandbox.outboxNoneNext') : t('sandbox.outboxEmptyNext')}</p>
        </Empty>
      ) : null}
      <ul className="plain-list stack">
        {messages.map((message) => (
          <li key={message.id}>
            <OneMessage message={message} />
          </li>
        ))}
      </ul>
      {outbox.hasNextPage ? (
        <Button variant="secondary" loading={outbox.isFetchingNextPage} onClick={() => void outbox.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </>
  );
}

function OneMessage({ message: { channel, to, subject, text, caughtAt } }: { readonly message: Caught }) {
  const { t } = useText();
  const { moment } = useDates();
  const title = subject ?? t('sandbox.smsTo', { to });
  return (
    <article className="sheet stack-tight" aria-label={title}>
      <div className="row">
        <Tag data-size="sm" data-color="neutral">
          {channel === 'email' ? t('sandbox.email') : t('sandbox.sms')}
        </Tag>
        <span className="quiet">{moment(caughtAt)}</span>
      </div>
      <Heading level={2} data-size="2xs" className="wrap">
        {title}
      </Heading>
      <p className="quiet wrap">{t('sandbox.to', { to })}</p>
      <p className="wrap as-written">{text}</p>
    </article>
  );
}
