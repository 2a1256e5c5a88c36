import { causes } from '../api/board-words.ts';
import { ages, type Lying } from '../api/figures.ts';
import { useText } from '../ui/language.ts';
import { FigureTable } from './figure-table.tsx';
import { useNumbers } from './numbers.ts';
import { useCauseName } from './words.ts';

/** Why what lies unread now does, and for how long it has. */
export function LyingTable({ lying }: { readonly lying: Lying }) {
  const { t } = useText();
  const { count } = useNumbers();
  const causeName = useCauseName();
  const of = (cause: string, age?: string): number =>
    lying.groups.filter((group) => group.cause === cause && (!age || group.age === age)).reduce((sum, group) => sum + group.count, 0);
  const most = Math.max(...causes.map((cause) => of(cause)));
  return (
    <FigureTable
      title={t('figures.lying')}
      lead={t('figures.lyingLead', { count: lying.total - of('not-published') })}
      file="ulest-na"
      rows={causes.filter((cause) => of(cause) > 0)}
      keyOf={(cause) => cause}
      columns={[
        { name: t('figures.cause'), text: causeName },
        { name: t('figures.count'), text: (cause) => count(of(cause)), cell: (cause) => of(cause), bar: (cause) => of(cause) / most },
        ...ages.map((age) => ({
          ...{ name: t(`figures.age.${age}`), isNumber: true },
          ...{ text: (cause: string) => count(of(cause, age)), cell: (cause: string) => of(cause, age) },
        })),
      ]}
    />
  );
}
