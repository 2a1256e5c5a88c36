import { Checkbox, Fieldset, Table, Tag } from '@digdir/designsystemet-react';
import type { Reached, Service } from '../api/send.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';

type Class = NonNullable<Reached['reach']>['class'];
/** With whom there is trouble first. */
const order: readonly Class[] = ['UNREACHABLE', 'GRANTABLE', 'COLD', 'UNKNOWN', 'REACHABLE', 'PROVEN'];
/** Those where the sender has something to weigh before it sends. */
const doubtful: readonly Class[] = ['UNREACHABLE', 'GRANTABLE', 'COLD', 'UNKNOWN'];
const mustAct: readonly Class[] = ['UNREACHABLE', 'GRANTABLE'];

/** Whether a letter can go there: not to a number that nobody has, nor where the service has post refused that nobody can open. */
export function canSendTo({ reach }: Reached, { unreachable }: Pick<Service, 'unreachable'>): boolean {
  return reach !== null && !(reach.class === 'UNREACHABLE' && unreachable === 'refuse');
}

interface Props {
  readonly reached: readonly Reached[];
  readonly service: Pick<Service, 'unreachable'>;
  /** Whom the sender has taken out. */
  readonly out: ReadonlySet<string>;
  readonly change: (out: ReadonlySet<string>) => void;
}

/** Before anything is sent: who can open the letter, by class and by recipient, what happens there, and the choice that the service leaves. */
export function ReachList({ reached, service, out, change }: Props) {
  const { t } = useText();
  const of = (each: Class): readonly Reached[] => reached.filter(({ reach }) => reach?.class === each);
  const unknown = reached.filter(({ reach }) => reach === null).length;
  const put = (numbers: readonly string[], isIn: boolean): void =>
    change(new Set(isIn ? [...out].filter((each) => !numbers.includes(each)) : [...out, ...numbers]));
  const rank = ({ reach }: Reached): number => (reach === null ? -1 : order.indexOf(reach.class));
  const rows = reached.toSorted((a, b) => rank(a) - rank(b));
  const hasChoice = (one: Reached): boolean => canSendTo(one, service) && doubtful.includes(one.reach!.class);
  return (
    <div className="stack">
      <ul>
        {unknown > 0 ? <li>{t('reach.count', { count: unknown, what: t('write.unknown') })}</li> : null}
        {order
          .filter((each) => of(each).length > 0)
          .map((each) => (
            <li key={each}>
              {t('reach.count', { count: of(each).length, what: t(`reach.class.${each}`) })} {whatHappens(each, service, t)}
            </li>
          ))}
      </ul>
      {reached.some(hasChoice) ? (
        <Fieldset>
          <Fieldset.Legend>{t('reach.choice')}</Fieldset.Legend>
          {doubtful
            .map((each) => ({ each, numbers: of(each).filter((one) => canSendTo(one, service)) }))
            .filter(({ numbers }) => numbers.length > 0)
            .map(({ each, numbers }) => (
              <Checkbox
                key={each}
                label={t('reach.sendTo', { count: numbers.length, what: t(`reach.class.${each}`) })}
                checked={numbers.some(({ number }) => !out.has(number))}
                onChange={(event) =>
                  put(
                    numbers.map(({ number }) => number),
                    event.target.checked,
                  )
                }
              />
            ))}
        </Fieldset>
      ) : null}
      <Scrolling label={t('write.reach')}>
        <Table data-color="neutral" className="cards">
          <Table.Head>
            <Table.Row>
              <Table.HeaderCell scope="col">{t('unread.recipient')}</Table.HeaderCell>
              <Table.HeaderCell scope="col">{t('sent.whoCanOpen')}</Table.HeaderCell>
              <Table.HeaderCell scope="col">{t('reach.send')}</Table.HeaderCell>
            </Table.Row>
          </Table.Head>
          <Table.Body>
            {rows.map((one) => (
              <Table.Row key={one.number}>
                <Table.HeaderCell scope="row" className="wrap">
                  <RecipientName one={one} />
                </Table.HeaderCell>
                <Table.Cell data-label={t('sent.whoCanOpen')}>
                  <Tag data-size="sm" data-color={one.reach === null || mustAct.includes(one.reach.class) ? 'warning' : 'neutral'}>
                    {one.reach === null
                      ? t('write.unknown')
                      : t(`openability.${one.reach.class}`, {
                          n: one.reach.class === 'GRANTABLE' ? one.reach.grantors : one.reach.persons + one.reach.systems,
                        })}
                  </Tag>
                </Table.Cell>
                <Table.Cell data-label={t('reach.send')}>
                  {hasChoice(one) ? (
                    <Checkbox
                      aria-label={t('reach.sendToOne', { name: one.name ?? one.number })}
                      checked={!out.has(one.number)}
                      onChange={(event) => put([one.number], event.target.checked)}
                    />
                  ) : canSendTo(one, service) ? (
                    t('reach.yes')
                  ) : (
                    t('write.leftOut')
                  )}
                </Table.Cell>
              </Table.Row>
            ))}
          </Table.Body>
        </Table>
      </Scrolling>
    </div>
  );
}

/** An organization by its name, which is public; a person by the number that the sender has, and no name. */
function RecipientName({ one: { number, name } }: { readonly one: Reached }) {
  const { t } = useText();
  return (
    <>
      {name === null ? null : <>{plainly(name, 80)} </>}
      {name === null && number.length === 11 ? <>{t('reach.person')} </> : null}
      <span className={name === null ? undefined : 'quiet'}>{number}</span>
    </>
  );
}

type Say = ReturnType<typeof useText>['t'];

/** What becomes of a letter there: by the service's choice where nobody can open it. */
function whatHappens(each: Class, { unreachable }: Pick<Service, 'unreachable'>, t: Say): string {
  return each === 'UNREACHABLE' ? t(`reach.unreachable.${unreachable}`) : t(`reach.then.${each}`);
}
