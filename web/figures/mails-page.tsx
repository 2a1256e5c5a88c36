import { Button, Table } from '@digdir/designsystemet-react';
import { type SenderMail, useSenderMails } from '../api/figures.ts';
import type { Party } from '../api/session.ts';
import { SenderPage } from '../console/sender-page.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Waiting } from '../ui/states.tsx';
import { FiguresTabs } from './figures-tabs.tsx';
import { Troubles } from './troubles.tsx';

export function MailsPage() {
  const { t } = useText();
  return (
    <SignedIn>
      <SenderPage title={t('mails.title')} Tabs={FiguresTabs}>
        {(party) => <OfParty key={party.id} party={party} />}
      </SenderPage>
    </SignedIn>
  );
}

/** Whether the sender itself can be told: every mail that was to, and what became of it. */
function OfParty({ party }: { readonly party: Party }) {
  const { t } = useText();
  const mails = useSenderMails(party.id);
  const rows = mails.data?.pages.flatMap((page) => page.mails) ?? [];
  return (
    <div className="stack">
      <p className="narrow">{t('mails.lead', { name: plainly(party.name, 80) })}</p>
      <Troubles error={mails.error} party={party} again={() => void mails.refetch()} />
      {mails.isLoading ? <Waiting /> : null}
      {mails.data && rows.length === 0 ? (
        <Empty title={t('mails.empty')}>
          <p>{t('mails.emptyNext')}</p>
        </Empty>
      ) : null}
      {rows.length > 0 ? <MailTable rows={rows} /> : null}
      {mails.hasNextPage ? (
        <Button variant="secondary" onClick={() => void mails.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}

function MailTable({ rows }: { readonly rows: readonly SenderMail[] }) {
  const { t } = useText();
  const { moment } = useDates();
  return (
    <Scrolling label={t('mails.title')}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            {(['about', 'where', 'outcome', 'attempts'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`mails.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((mail) => (
            <Table.Row key={mail.id}>
              <Table.HeaderCell scope="row">{t(`mails.about-${mail.purpose}`)}</Table.HeaderCell>
              <Table.Cell data-label={t('mails.where')}>
                {t(`mails.by-${mail.channel}`)}, {plainly(mail.address, 254)}
                {mail.toOther ? <p className="quiet">{t('mails.toOther', { name: plainly(mail.toOther, 80) })}</p> : null}
              </Table.Cell>
              <Table.Cell data-label={t('mails.outcome')}>
                {t(`mails.state-${mail.state}`)} {mail.dueAt ? t('mails.next', { at: moment(mail.dueAt) }) : moment(mail.changedAt)}
                {mail.state === 'failed' && mail.answer && mail.answer !== mail.attempts.at(-1)?.answer ? (
                  <Said words={mail.answer} />
                ) : null}
              </Table.Cell>
              <Table.Cell data-label={t('mails.attempts')}>
                <Attempts mail={mail} />
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}

function Attempts({ mail: { attempts, tries } }: { readonly mail: SenderMail }) {
  const { t } = useText();
  const { moment } = useDates();
  if (tries === 0) return t('mails.noAttempt');
  return (
    <>
      <ul className="plain-list">
        {attempts.map(({ at, outcome, answer }) => (
          <li key={`${at} ${outcome}`}>
            {moment(at)}: {t(`mails.attempt-${outcome}`)}
            {answer ? <Said words={answer} /> : null}
          </li>
        ))}
      </ul>
      {tries > attempts.length ? <p className="quiet">{t('mails.earlier', { count: tries - attempts.length })}</p> : null}
    </>
  );
}

/** A mail server's own words. */
function Said({ words }: { readonly words: string }) {
  const { t } = useText();
  return <p className="quiet wrap">{t('mails.said', { words: plainly(words, 300) })}</p>;
}
