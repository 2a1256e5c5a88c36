import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { type BasicType, ByteWriter, parquetWriteRows, type Writer } from 'hyparquet-writer';

/** One line of the report: a day, an owner, what it sent by, and to whom. Source: compatibility.md, correspondence, §8.6. */
export interface ReportRow {
  readonly date: string;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly serviceownerorgnr: string;
  readonly serviceownercode: string;
  readonly messagesender: string;
  readonly senderorgnr: string;
  readonly serviceresourceid: string;
  readonly serviceresourcetitle: string;
  readonly recipienttype: string;
  readonly costcenter: string;
  readonly messagecount: number;
  readonly databasestoragebytes: bigint;
  readonly attachmentstoragebytes: bigint;
}

export type Columns<Row> = readonly { readonly name: keyof Row & string; readonly type: BasicType; readonly nullable: false }[];

/** Names, order and types of the columns. */
export const reportColumns: Columns<ReportRow> = (
  [
    ['date', 'STRING'],
    ['year', 'INT32'],
    ['month', 'INT32'],
    ['day', 'INT32'],
    ['serviceownerorgnr', 'STRING'],
    ['serviceownercode', 'STRING'],
    ['messagesender', 'STRING'],
    ['senderorgnr', 'STRING'],
    ['serviceresourceid', 'STRING'],
    ['serviceresourcetitle', 'STRING'],
    ['recipienttype', 'STRING'],
    ['costcenter', 'STRING'],
    ['messagecount', 'INT32'],
    ['databasestoragebytes', 'INT64'],
    ['attachmentstoragebytes', 'INT64'],
  ] as const
).map(([name, type]) => ({ name, type, nullable: false }));

/** Rows held at a time, in the file and in memory. */
const rowGroupSize = 10_000;

/** The rows as the bytes of a Parquet file, written as they are read. An error of the rows is the stream's. */
export function writeParquet<Row extends object>(rows: AsyncIterable<Row>, columns: Columns<Row>): Readable {
  const out = new PassThrough();
  writeTo(out, rows, columns).then(
    () => out.end(),
    (error: Error) => out.destroy(error),
  );
  return out;
}

async function writeTo<Row extends object>(out: PassThrough, rows: AsyncIterable<Row>, columns: Columns<Row>): Promise<void> {
  const writer = new StreamWriter(out);
  await parquetWriteRows({
    writer: writer as Writer,
    rows: rows as AsyncIterable<Record<string, unknown>>,
    columns: [...columns],
    rowGroupSize,
    createdBy: 'Budstikke',
  });
  await writer.flush();
}

/** Hands on what was written after each group of rows, and waits for whoever reads. */
class StreamWriter extends ByteWriter {
  readonly #out: PassThrough;
  constructor(out: PassThrough) {
    super();
    this.#out = out;
  }

  async flush(): Promise<void> {
    if (this.index === 0) return;
    const chunk = Buffer.from(this.getBytes());
    this.index = 0;
    if (!this.#out.write(chunk)) await once(this.#out, 'drain');
  }
}
