import { Table, Tag } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { type OwnService, useOwnServices } from '../api/services.ts';
import type { Party } from '../api/session.ts';
import { ConsoleTabs } from '../console/console-tabs.tsx';
import { SenderPage } from '../console/sender-page.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { SignedIn } from '../ui/signed-in.tsx';
import { Empty, Trouble, Waiting } from '../ui/states.tsx';
import { useLadderName } from './ladder-name.ts';
import { useReaderWords } from './reader-words.ts';

export function ServicesPage() {
  return (
    <SignedIn>
      <Services />
    </SignedIn>
  );
}

/** What the sender sends on: who can open it, and what becomes of what nobody can. */
function Services() {
  const { t } = useText();
  return (
    <SenderPage title={t('services.title')} Tabs={ConsoleTabs}>
      {(party) => <OwnServices party={party} />}
    </SenderPage>
  );
}

function OwnServices({ party }: { readonly party: Party }) {
  const { t } = useText();
  const services = useOwnServices(party.id);
  const rows = services.data?.services ?? [];
  return (
    <>
      <p className="narrow">{t('services.lead', { name: plainly(party.name, 80) })}</p>
      {services.isLoading ? <Waiting /> : null}
      {services.error ? <Trouble error={services.error} again={() => void services.refetch()} /> : null}
      {services.data && rows.length === 0 ? (
        <Empty title={t('services.empty')}>
          <p>{t('services.emptyNext')}</p>
        </Empty>
      ) : null}
      {rows.length > 0 ? <ServiceTable rows={rows} party={party.id} /> : null}
    </>
  );
}

function ServiceTable({ rows, party }: { readonly rows: readonly OwnService[]; readonly party: string }) {
  const { t, language } = useText();
  const named = useLadderName();
  const readers = useReaderWords();
  return (
    <Scrolling label={t('services.title')}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            {(['name', 'carries', 'readers', 'unreachable', 'ladder'] as const).map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {t(`services.column.${column}`)}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((service) => (
            <Table.Row key={service.id}>
              <Table.HeaderCell scope="row" className="wrap">
                <Link to="/console/services/$id" params={{ id: service.id }} search={{ party }}>
                  {plainly(service.title[language], 100)}
                </Link>
              </Table.HeaderCell>
              <Table.Cell data-label={t('services.column.carries')}>
                {t(`services.carries.${service.carries}`)}
                {service.confidential ? (
                  <>
                    {' '}
                    <Tag data-size="sm" data-color="neutral">
                      {t('mark.confidential')}
                    </Tag>
                  </>
                ) : null}
              </Table.Cell>
              <Table.Cell className="wrap" data-label={t('services.column.readers')}>
                {readers(service.readers)}
              </Table.Cell>
              <Table.Cell data-label={t('services.column.unreachable')}>
                {service.carries === 'nothing' ? '–' : t(`services.unreachable.${service.unreachable}`)}
              </Table.Cell>
              <Table.Cell className="wrap" data-label={t('services.column.ladder')}>
                {service.carries === 'nothing' ? '–' : named({ id: service.ladder })}
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}
