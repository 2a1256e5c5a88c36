import type { Figures, Measures } from '../api/figures.ts';
import { useText } from '../ui/language.ts';
import { type Column, FigureTable } from './figure-table.tsx';
import { useNumbers } from './numbers.ts';
import { shareOf } from './week-tables.tsx';
import { useCauseName } from './words.ts';

interface Props {
  readonly figures: Figures;
  readonly titleOf: (resource: string) => string;
}

const kinds = ['person', 'organization', 'system-user'] as const;

/** The same by service, by kind of recipient, and by why it was unread after a week. */
export function GroupTables({ figures, titleOf }: Props) {
  const { t } = useText();
  const causeName = useCauseName();
  const { published, rate, within7, median } = useMeasures();
  const measures = [published, rate, within7, median];
  const since = [{ ...published, name: t('figures.lay') }, { ...rate, name: t('figures.stillUnread') }, median];
  const kindName = (kind: string): string => {
    const known = kinds.find((each) => each === kind);
    return known ? t(`figures.kind.${known}`) : kind;
  };
  const { resources, recipientKinds, causesAtDay7 } = figures;
  return (
    <>
      <FigureTable
        title={t('figures.byService')}
        file="per-tjeneste"
        rows={resources}
        keyOf={({ resource }) => resource}
        columns={[{ name: t('figures.service'), text: ({ resource }) => titleOf(resource) }, ...measures]}
      />
      <FigureTable
        title={t('figures.byKind')}
        file="per-mottakertype"
        rows={recipientKinds}
        keyOf={({ recipientKind }) => recipientKind}
        columns={[{ name: t('figures.kind'), text: ({ recipientKind }) => kindName(recipientKind) }, ...measures]}
      />
      {causesAtDay7.length > 0 ? (
        <FigureTable
          title={t('figures.byCause')}
          lead={t('figures.byCauseLead')}
          file="per-arsak"
          rows={causesAtDay7}
          keyOf={({ cause }) => cause}
          columns={[{ name: t('figures.cause'), text: ({ cause }) => causeName(cause) }, ...since]}
        />
      ) : (
        <p className="narrow">{t('figures.noCause')}</p>
      )}
    </>
  );
}

function useMeasures(): Readonly<Record<'published' | 'rate' | 'within7' | 'median', Column<Measures>>> {
  const { t } = useText();
  const { count, percent, duration } = useNumbers();
  const rate = ({ unread, published }: Measures): number => unread / published;
  const week = (row: Measures) => shareOf(row, 'days7');
  return {
    published: { name: t('figures.published'), isNumber: true, text: (row) => count(row.published), cell: (row) => row.published },
    rate: {
      ...{ name: t('figures.rate'), unit: '%', bar: rate },
      text: (row) => percent(rate(row)),
      cell: (row) => Math.round(rate(row) * 1000) / 10,
    },
    within7: {
      ...{ name: t('figures.within7'), unit: '%', isNumber: true },
      text: (row) => (week(row) === null ? t('figures.tooEarly') : percent(week(row)!)),
      cell: (row) => (week(row) === null ? null : Math.round(week(row)! * 1000) / 10),
    },
    median: {
      ...{ name: t('figures.median'), unit: t('figures.hours'), isNumber: true },
      text: ({ medianSeconds }) => (medianSeconds === null ? t('figures.none') : duration(medianSeconds)),
      cell: ({ medianSeconds }) => (medianSeconds === null ? null : Math.round(medianSeconds / 360) / 10),
    },
  };
}
