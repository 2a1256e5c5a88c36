import { Heading, Table } from '@digdir/designsystemet-react';
import { useId } from 'react';
import { useText } from '../ui/language.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { useNumbers } from './numbers.ts';

interface Props {
  readonly title: string;
  readonly parts: readonly { readonly name: string; readonly count: number }[];
  /** What the parts make together, and what it is called. */
  readonly whole: { readonly name: string; readonly count: number };
}

/** Parts and their sum, which is the whole; where it is not, that is said. */
export function PartsTable({ title, parts, whole }: Props) {
  const { t } = useText();
  const { count } = useNumbers();
  const id = useId();
  const shown = parts.filter((part) => part.count > 0);
  const sum = parts.reduce((all, part) => all + part.count, 0);
  const adds = sum === whole.count;
  return (
    <section className={adds ? 'stack-tight parts' : 'stack-tight parts sheet must-act'} aria-labelledby={id}>
      <Heading level={2} data-size="xs" id={id}>
        {title}
      </Heading>
      {shown.length > 0 ? (
        <Scrolling label={title}>
          <Table data-color="neutral" className="figure-table" aria-labelledby={id}>
            <Table.Head>
              <Table.Row>
                <Table.HeaderCell scope="col">{t('statements.part')}</Table.HeaderCell>
                <Table.HeaderCell scope="col" className="number">
                  {t('figures.count')}
                </Table.HeaderCell>
              </Table.Row>
            </Table.Head>
            <Table.Body>
              {shown.map((part) => (
                <Table.Row key={part.name}>
                  <Table.HeaderCell scope="row" className="wrap">
                    {part.name}
                  </Table.HeaderCell>
                  <Table.Cell className="number">{count(part.count)}</Table.Cell>
                </Table.Row>
              ))}
            </Table.Body>
            <Table.Foot>
              <Table.Row>
                <Table.HeaderCell scope="row">{t('statements.together')}</Table.HeaderCell>
                <Table.Cell className="number">{count(sum)}</Table.Cell>
              </Table.Row>
            </Table.Foot>
          </Table>
        </Scrolling>
      ) : null}
      <p>
        {adds
          ? t('statements.partsAdd', { sum: count(sum), whole: whole.name })
          : t('statements.partsMiss', { sum: count(sum), whole: whole.name, other: count(whole.count) })}
      </p>
    </section>
  );
}
