import { Button, Heading, Table } from '@digdir/designsystemet-react';
import { type ReactNode, useId } from 'react';
import { useText } from '../ui/language.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { type Cell, csvOf } from './csv.ts';
import { saveFile } from './save-file.ts';

export interface Column<Row> {
  readonly name: string;
  /** As it is read. */
  readonly text: (row: Row) => string;
  /** As the file has it; the text when left out. */
  readonly cell?: (row: Row) => Cell;
  /** In what the file counts it, where that is not said by the text. */
  readonly unit?: string;
  /** Draws a bar of this share, 0 to 1, beside the text. */
  readonly bar?: (row: Row) => number | null;
  readonly isNumber?: boolean;
}

interface Props<Row> {
  readonly title: string;
  readonly lead?: string;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** The first one names the row. */
  readonly columns: readonly Column<Row>[];
  readonly file: string;
  /** A chart, which says nothing that the table does not. */
  readonly children?: ReactNode;
}

/** Numbers as a chart, as a table that can be read aloud, and as a file. */
export function FigureTable<Row>({ title, lead, rows, keyOf, columns, file, children }: Props<Row>) {
  const { t } = useText();
  const id = useId();
  const save = (): void =>
    saveFile(
      `${file}.csv`,
      'text/csv',
      csvOf([
        columns.map(({ name, unit }) => (unit ? `${name} (${unit})` : name)),
        ...rows.map((row) => columns.map(({ text, cell }) => (cell ?? text)(row))),
      ]),
    );
  return (
    <section className="stack" aria-labelledby={id}>
      <Heading level={2} data-size="xs" id={id}>
        {title}
      </Heading>
      {lead ? <p className="narrow">{lead}</p> : null}
      {children}
      <Scrolling label={title}>
        <Table data-color="neutral" className="cards figure-table" aria-labelledby={id}>
          <Table.Head>
            <Table.Row>
              {columns.map(({ name, isNumber }) => (
                <Table.HeaderCell key={name} scope="col" className={isNumber ? 'number' : undefined}>
                  {name}
                </Table.HeaderCell>
              ))}
            </Table.Row>
          </Table.Head>
          <Table.Body>
            {rows.map((row) => (
              <Table.Row key={keyOf(row)}>
                {columns.map(({ name, text, bar, isNumber }, i) =>
                  i === 0 ? (
                    <Table.HeaderCell key={name} scope="row" className="wrap">
                      {text(row)}
                    </Table.HeaderCell>
                  ) : (
                    <Table.Cell key={name} data-label={name} className={isNumber ? 'number' : undefined}>
                      {text(row)}
                      {bar ? <Bar share={bar(row)} /> : null}
                    </Table.Cell>
                  ),
                )}
              </Table.Row>
            ))}
          </Table.Body>
        </Table>
      </Scrolling>
      <p>
        <Button variant="secondary" data-size="sm" onClick={save}>
          {t('figures.download', { title })}
        </Button>
      </p>
    </section>
  );
}

/** The number beside it, drawn. */
function Bar({ share }: { readonly share: number | null }) {
  if (share === null) return null;
  return (
    <svg className="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect className="bar-rest" x="0.5" y="0.5" width="99" height="9" />
      <rect className="bar-full" width={Math.min(1, Math.max(0, share)) * 100} height="10" />
    </svg>
  );
}
