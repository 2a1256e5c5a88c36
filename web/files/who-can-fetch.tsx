import { Table, Tag } from '@digdir/designsystemet-react';
import type { Reached } from '../api/send.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';

const order = ['UNREACHABLE', 'GRANTABLE', 'COLD', 'UNKNOWN', 'REACHABLE', 'PROVEN'];
const mustAct = new Set(['GRANTABLE', 'UNREACHABLE']);

/** Before a file is sent: who can fetch it at each recipient, those with a trouble first. It goes wherever somebody is, and is watched there. */
export function WhoCanFetch({ reached }: { readonly reached: readonly Reached[] }) {
  const { t } = useText();
  const rank = ({ reach }: Reached): number => (reach === null ? -1 : order.indexOf(reach.class));
  const rows = reached.toSorted((a, b) => rank(a) - rank(b));
  return (
    <Scrolling label={t('files.reach')}>
      <Table data-color="neutral" className="cards">
        <Table.Head>
          <Table.Row>
            <Table.HeaderCell scope="col">{t('files.recipient.recipient')}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{t('files.recipient.who')}</Table.HeaderCell>
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map(({ number, name, reach }) => (
            <Table.Row key={number}>
              <Table.HeaderCell scope="row" className="wrap">
                {name === null ? number : plainly(name, 80)} {name === null ? null : <span className="quiet">{number}</span>}
              </Table.HeaderCell>
              <Table.Cell className="cards-whole">
                <Tag data-size="sm" data-color={reach === null || mustAct.has(reach.class) ? 'warning' : 'neutral'}>
                  {reach === null
                    ? t('files.unknown')
                    : t(`fetchability.${reach.class}`, { n: reach.class === 'GRANTABLE' ? reach.grantors : reach.persons + reach.systems })}
                </Tag>
                {reach === null ? <span> {t('files.leftOut')}</span> : null}
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </Scrolling>
  );
}
