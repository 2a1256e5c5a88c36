import { Table, Tag } from '@digdir/designsystemet-react';
import type { Reached, Service } from '../api/send.ts';
import { useText } from '../ui/language.ts';

interface Props {
  readonly reached: readonly Reached[];
  readonly service: Pick<Service, 'unreachable'>;
  /** What is said of those to whom it does not go. */
  readonly leftOut?: string;
}

/** Whether a letter can go there: not to a number that nobody has, nor where the service has post refused that nobody can open. */
export function canSendTo({ reach }: Reached, { unreachable }: Pick<Service, 'unreachable'>): boolean {
  return reach !== null && !(reach.class === 'UNREACHABLE' && unreachable === 'refuse');
}

const mustAct = new Set(['GRANTABLE', 'UNREACHABLE']);

/** Before anything is sent: who can open the letter at each recipient, those with a trouble first. */
export function ReachList({ reached, service, leftOut }: Props) {
  const { t } = useText();
  const order = ['UNREACHABLE', 'GRANTABLE', 'COLD', 'UNKNOWN', 'REACHABLE', 'PROVEN'];
  const rank = ({ reach }: Reached): number => (reach === null ? -1 : order.indexOf(reach.class));
  const rows = reached.toSorted((a, b) => rank(a) - rank(b));
  return (
    <section className="table-scroll" aria-label={t('write.reach')} tabIndex={-1}>
      <Table data-color="neutral">
        <Table.Head>
          <Table.Row>
            <Table.HeaderCell scope="col">{t('write.number')}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{t('sent.whoCanOpen')}</Table.HeaderCell>
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {rows.map((one) => (
            <Table.Row key={one.number}>
              <Table.HeaderCell scope="row">{one.number}</Table.HeaderCell>
              <Table.Cell>
                <Tag data-size="sm" data-color={one.reach === null || mustAct.has(one.reach.class) ? 'warning' : 'neutral'}>
                  {one.reach === null
                    ? t('write.unknown')
                    : t(`openability.${one.reach.class}`, {
                        n: one.reach.class === 'GRANTABLE' ? one.reach.grantors : one.reach.persons + one.reach.systems,
                      })}
                </Tag>
                {canSendTo(one, service) ? null : <span> {leftOut ?? t('write.leftOut')}</span>}
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </section>
  );
}
