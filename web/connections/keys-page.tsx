import { Heading, Table, Tag } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Keys, useKeys, useMoreKeys } from '../api/connections.ts';
import type { Party } from '../api/session.ts';
import { timeNow } from '../api/time.ts';
import { SenderPage } from '../console/sender-page.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { More } from '../ui/more.tsx';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { SignedIn } from '../ui/signed-in.tsx';
import { Waiting } from '../ui/states.tsx';
import { ConnectionsTabs } from './connections-tabs.tsx';
import { Troubles } from './troubles.tsx';

export function KeysPage() {
  const { t } = useText();
  return (
    <SignedIn>
      <SenderPage title={t('keys.title')} Tabs={ConnectionsTabs}>
        {(party) => <OfParty key={party.id} party={party} />}
      </SenderPage>
    </SignedIn>
  );
}

/** By which keys something can be done for the organization, and when it last was. */
function OfParty({ party }: { readonly party: Party }) {
  const { t } = useText();
  const keys = useKeys(party.id);
  return (
    <>
      <p className="narrow">{t('keys.lead', { name: plainly(party.name, 80) })}</p>
      <Troubles error={keys.error} party={party} again={() => void keys.refetch()} />
      {keys.isLoading ? <Waiting /> : null}
      {keys.data && !keys.error ? (
        <>
          <Clients keys={keys.data} party={party.id} />
          <Systems keys={keys.data} party={party.id} />
          <Certificates keys={keys.data} party={party.id} />
          <Secrets rows={keys.data.webhooks} party={party.id} />
        </>
      ) : null}
    </>
  );
}

interface OfKind {
  /** The first of them, and where each kind goes on. */
  readonly keys: Keys;
  readonly party: string;
}

function Clients({ keys, party }: OfKind) {
  const { t } = useText();
  const more = useMoreKeys(party, 'clients', keys.next.clients);
  const rows = [...keys.clients, ...more.rows];
  const keyOf = ({ isRegistered, keyId, keyType }: Keys['clients'][number]): string => {
    if (!isRegistered) return t('keys.keyElsewhere');
    return keyType === null ? t('keys.noKey') : t('keys.key', { id: plainly(keyId ?? '', 80), type: keyType });
  };
  return (
    <Kind id="clients" title={t('keys.clients')} lead={t('keys.clientsLead')} none={rows.length === 0 ? t('keys.noClients') : null}>
      <Rows label={t('keys.clients')} columns={[t('keys.client'), t('keys.keyColumn'), t('keys.scopes'), t('keys.lastUsed')]}>
        {rows.map((each) => (
          <Table.Row key={each.clientId}>
            <Table.HeaderCell scope="row" className="wrap">
              {each.clientId === '' ? t('keys.unnamed') : plainly(each.clientId, 120)}
            </Table.HeaderCell>
            <Table.Cell className="wrap" data-label={t('keys.keyColumn')}>
              {keyOf(each)}
            </Table.Cell>
            <Table.Cell className="wrap" data-label={t('keys.scopes')}>
              {each.scopes.length > 0 ? plainly(each.scopes.join(', '), 300) : t('keys.scopesElsewhere')}
            </Table.Cell>
            <Table.Cell data-label={t('keys.lastUsed')}>
              <LastUsed at={each.lastSeenAt} />
            </Table.Cell>
          </Table.Row>
        ))}
      </Rows>
      <More of={more} />
    </Kind>
  );
}

function Systems({ keys, party }: OfKind) {
  const { t } = useText();
  const more = useMoreKeys(party, 'systems', keys.next.systems);
  const rows = [...keys.systems, ...more.rows];
  return (
    <Kind id="systems" title={t('keys.systems')} lead={t('keys.systemsLead')} none={rows.length === 0 ? t('systems.empty') : null}>
      <Rows label={t('keys.systems')} columns={[t('keys.system'), t('keys.vendor'), t('keys.client'), t('keys.lastUsed')]}>
        {rows.map(({ id, title, kind, vendorName, systemId, clients }) => {
          const ways = clients.length > 0 ? clients : [{ clientId: null, lastSeenAt: null }];
          return ways.map(({ clientId, lastSeenAt }, index) => (
            <Table.Row key={`${id} ${clientId}`}>
              {index === 0 ? (
                <Table.HeaderCell scope="rowgroup" rowSpan={ways.length} className="wrap">
                  {plainly(title, 80)} {kind === 'agent' ? <span className="quiet">{t('systems.agent')}</span> : null}
                </Table.HeaderCell>
              ) : null}
              {index === 0 ? (
                <Table.Cell rowSpan={ways.length} className="wrap" data-label={t('keys.vendor')}>
                  {plainly(vendorName ?? systemId, 80)}
                </Table.Cell>
              ) : null}
              <Table.Cell className="wrap" data-label={t('keys.client')}>
                {clientId === null ? t('keys.anyClient') : plainly(clientId, 120) || t('keys.unnamed')}
              </Table.Cell>
              <Table.Cell data-label={t('keys.lastUsed')}>
                <LastUsed at={lastSeenAt} />
              </Table.Cell>
            </Table.Row>
          ));
        })}
      </Rows>
      <More of={more} />
      <p>
        <Link to="/console/connections/systems" search={{ party }}>
          {t('keys.toSystems')}
        </Link>
      </p>
    </Kind>
  );
}

function Certificates({ keys, party }: OfKind) {
  const { t } = useText();
  const more = useMoreKeys(party, 'certificates', keys.next.certificates);
  const rows = [...keys.certificates, ...more.rows];
  const { day } = useDates();
  return (
    <Kind
      id="certificates"
      title={t('keys.certificates')}
      lead={t('keys.certificatesLead')}
      none={rows.length === 0 ? t('keys.noCertificates') : null}
    >
      <Rows label={t('keys.certificates')} columns={[t('keys.thumbprint'), t('keys.validTo'), t('keys.firstUsed'), t('keys.lastUsed')]}>
        {rows.map(({ thumbprint, validTo, firstSeenAt, lastSeenAt }) => (
          <Table.Row key={thumbprint}>
            <Table.HeaderCell scope="row" className="wrap">
              <code>{thumbprint}</code>
            </Table.HeaderCell>
            <Table.Cell data-label={t('keys.validTo')}>
              {day(validTo)}{' '}
              {Date.parse(validTo) < timeNow() ? (
                <Tag data-size="sm" data-color="neutral">
                  {t('keys.expired')}
                </Tag>
              ) : null}
            </Table.Cell>
            <Table.Cell data-label={t('keys.firstUsed')}>{day(firstSeenAt)}</Table.Cell>
            <Table.Cell data-label={t('keys.lastUsed')}>
              <LastUsed at={lastSeenAt} />
            </Table.Cell>
          </Table.Row>
        ))}
      </Rows>
      <More of={more} />
    </Kind>
  );
}

function Secrets({ rows, party }: { readonly rows: Keys['webhooks']; readonly party: string }) {
  const { t } = useText();
  const { moment } = useDates();
  return (
    <Kind id="secrets" title={t('keys.secrets')} lead={t('keys.secretsLead')} none={rows.length === 0 ? t('webhooks.empty') : null}>
      <Rows label={t('keys.secrets')} columns={[t('webhooks.column.endPoint'), t('webhooks.column.state'), t('keys.former')]}>
        {rows.map(({ id, endPoint, state, formerUntil }) => (
          <Table.Row key={id}>
            <Table.HeaderCell scope="row" className="wrap">
              <Link to="/console/connections/$id" params={{ id: String(id) }} search={{ party }}>
                {plainly(endPoint, 120)}
              </Link>
            </Table.HeaderCell>
            <Table.Cell data-label={t('webhooks.column.state')}>{t(`webhooks.state.${state}`)}</Table.Cell>
            <Table.Cell data-label={t('keys.former')}>
              {formerUntil ? t('keys.formerUntil', { at: moment(formerUntil) }) : t('keys.noFormer')}
            </Table.Cell>
          </Table.Row>
        ))}
      </Rows>
    </Kind>
  );
}

interface KindProps {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  /** What is said where there are none. */
  readonly none: string | null;
  readonly children: ReactNode;
}

function Kind({ id, title, lead, none, children }: KindProps) {
  return (
    <section className="stack" aria-labelledby={`keys-${id}`}>
      <Heading level={2} data-size="xs" id={`keys-${id}`}>
        {title}
      </Heading>
      <p className="narrow">{lead}</p>
      {none === null ? children : <p className="quiet">{none}</p>}
    </section>
  );
}

function Rows({ label, columns, children }: { readonly label: string; readonly columns: readonly string[]; readonly children: ReactNode }) {
  return (
    <Scrolling label={label}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            {columns.map((column) => (
              <Table.HeaderCell key={column} scope="col">
                {column}
              </Table.HeaderCell>
            ))}
          </Table.Row>
        </Table.Head>
        <Table.Body>{children}</Table.Body>
      </Table>
    </Scrolling>
  );
}

/** It is noted once an hour at most, so the hour is all that is said. */
function LastUsed({ at }: { readonly at: string | null }) {
  const { t } = useText();
  const { moment } = useDates();
  return <>{at ? moment(at) : t('keys.neverUsed')}</>;
}
