import { Button, Table, Tag, Textfield } from '@digdir/designsystemet-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { type Item, useItems } from '../api/inbox.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { PageTitle } from '../ui/page-title.tsx';
import { useChosenParty } from '../ui/party.ts';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';

export function SentPage() {
  return (
    <SignedIn>
      <Sent />
    </SignedIn>
  );
}

/** What an organization has sent, newest first, and whether each is opened. */
function Sent() {
  const { t } = useText();
  const { party } = useChosenParty();
  const { q = '' } = useSearch({ from: '/console' });
  const navigate = useNavigate({ from: '/console' });
  const [typed, setTyped] = useState(q);
  const items = useItems(party ? { party: party.id, folder: 'sent', q } : null);
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void navigate({ search: (before) => ({ ...before, q: typed.trim() || undefined }) });
  };
  return (
    <div className="stack">
      <PageTitle title={t('sent.title')} />
      <p className="narrow">{party ? t('sent.lead', { name: plainly(party.name, 80) }) : null}</p>
      <search>
        <form className="row row-end" onSubmit={submit}>
          <Textfield
            label={t('search.label')}
            type="search"
            value={typed}
            maxLength={200}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Button type="submit" variant="secondary">
            {t('search.submit')}
          </Button>
        </form>
      </search>
      {items.isLoading ? <Waiting /> : null}
      {items.error ? <Trouble error={items.error} again={() => void items.refetch()} /> : null}
      {items.data && rows.length === 0 ? <Empty title={q ? t('empty.search') : t('sent.empty')} /> : null}
      {rows.length > 0 ? <SentTable rows={rows} party={party?.id} /> : null}
      {items.hasNextPage ? (
        <Button variant="secondary" loading={items.isFetchingNextPage} onClick={() => void items.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}

function SentTable({ rows, party }: { readonly rows: readonly Item[]; readonly party: string | undefined }) {
  const { t } = useText();
  const { moment } = useDates();
  return (
    <div className="table-scroll">
      <Table>
        <Table.Head>
          <Table.Row>
            {(['what', 'to', 'when', 'state'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`sent.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((item) => (
            <Table.Row key={item.id}>
              <Table.HeaderCell scope="row" className="wrap">
                <Link to="/console/$id" params={{ id: item.id }} search={party ? { party } : {}}>
                  {plainly(item.title ?? t('sent.untitled'), 120)}
                </Link>
              </Table.HeaderCell>
              <Table.Cell className="wrap">{plainly(item.recipient.name, 80)}</Table.Cell>
              <Table.Cell>{item.publishedAt ? moment(item.publishedAt) : t('letter.notPublished')}</Table.Cell>
              <Table.Cell>
                <SentState item={item} />
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </div>
  );
}

function SentState({ item }: { readonly item: Item }) {
  const { t } = useText();
  if (item.confirmedAt) return <Tag data-color="success">{t('outcome.confirmed')}</Tag>;
  if (item.openedAt && item.confirmNeeded) return <Tag data-color="warning">{t('cause.opened-not-confirmed')}</Tag>;
  if (item.openedAt) return <Tag data-color="success">{t('outcome.opened')}</Tag>;
  return <Tag data-color="neutral">{t('sent.notOpened')}</Tag>;
}
