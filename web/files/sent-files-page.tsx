import { Button, Table, Tag } from '@digdir/designsystemet-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type SentFile, useSentFiles } from '../api/files.ts';
import type { Party } from '../api/session.ts';
import { ConsoleTabs } from '../console/console-tabs.tsx';
import { SenderPage } from '../console/sender-page.tsx';
import { useDates, useSize } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { More } from '../ui/more.tsx';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { LyingStick } from '../ui/stick-lying.tsx';
import { mustAct, standingText, wayOf } from './file-way.ts';

export function SentFilesPage() {
  return (
    <SignedIn>
      <SentFiles />
    </SignedIn>
  );
}

/** All files that the organization has sent, latest first, with where each stands. */
function SentFiles() {
  const { t } = useText();
  return (
    <SenderPage title={t('files.title')} Tabs={ConsoleTabs}>
      {(party) => <OwnFiles party={party} />}
    </SenderPage>
  );
}

function OwnFiles({ party }: { readonly party: Party }) {
  const { t } = useText();
  const { q } = useSearch({ from: '/console/files' });
  const navigate = useNavigate({ from: '/console/files' });
  const search = (text: string): void => void navigate({ search: (before) => ({ ...before, q: text || undefined }) });
  const sent = useSentFiles(party.id, q);
  const rows = sent.data?.pages.flatMap(({ files }) => files) ?? [];
  return (
    <>
      <p className="narrow">{t('files.lead', { name: plainly(party.name, 80) })}</p>
      <p>
        <Button asChild>
          <Link to="/console/files/new" search={{ party: party.id }}>
            {t('files.new')}
          </Link>
        </Button>
      </p>
      <SearchField label={t('files.search')} text={q ?? ''} search={search} />
      {sent.isLoading ? <Waiting /> : null}
      {sent.error ? <Trouble error={sent.error} again={() => void sent.refetch()} /> : null}
      {sent.data && rows.length === 0 && !sent.hasNextPage ? (
        <Empty title={q ? t('files.notFound') : t('files.nothing')}>
          {q ? (
            <p>
              <Button variant="secondary" data-size="sm" onClick={() => search('')}>
                {t('files.all')}
              </Button>
            </p>
          ) : (
            <p>{t('files.nothingNext')}</p>
          )}
        </Empty>
      ) : null}
      {rows.length > 0 ? <FileTable rows={rows} party={party.id} /> : null}
      <More of={sent} />
    </>
  );
}

function FileTable({ rows, party }: { readonly rows: readonly SentFile[]; readonly party: string }) {
  const { t } = useText();
  const { moment, day } = useDates();
  const size = useSize();
  return (
    <Scrolling label={t('files.title')}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            {(['file', 'where', 'recipient', 'when'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`files.column.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((file) => (
            <Table.Row key={file.id}>
              <Table.HeaderCell scope="row" className="wrap">
                <Link to="/console/files/$id" params={{ id: file.id }} search={{ party }}>
                  {plainly(file.fileName, 120)}
                </Link>{' '}
                {file.sizeBytes === null ? null : <span className="quiet">{size(file.sizeBytes)}</span>}
              </Table.HeaderCell>
              <Table.Cell data-label={t('files.column.where')}>
                <LyingStick {...wayOf(file)} />
                <Tag data-size="sm" data-color={mustAct(file) ? 'warning' : wayOf(file).settled ? 'success' : 'neutral'}>
                  {standingText(t, file, day)}
                </Tag>
              </Table.Cell>
              <Table.Cell className="wrap" data-label={t('files.column.recipient')}>
                {plainly(file.firstRecipient, 80)}
                {file.recipients.all > 1 ? ` ${t('files.andMore', { count: file.recipients.all - 1 })}` : null}
              </Table.Cell>
              <Table.Cell data-label={t('files.column.when')}>{moment(file.createdAt)}</Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}
