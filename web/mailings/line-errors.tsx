import { Button, Heading, Table } from '@digdir/designsystemet-react';
import { useMutation } from '@tanstack/react-query';
import { allLineErrors, type LineError, type Mailing, useLineErrors } from '../api/mailings.ts';
import { type Say, useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Scrolling } from '../ui/scrolling.tsx';
import { Trouble } from '../ui/states.tsx';
import { saveTable } from './save-file.ts';

const known = [
  'BUD-09650',
  'BUD-09651',
  'BUD-09652',
  'BUD-09653',
  'BUD-09654',
  'BUD-09655',
  'BUD-09656',
  'BUD-09657',
  'BUD-09658',
  'BUD-09659',
  'BUD-09660',
  'BUD-09661',
  'BUD-09693',
] as const;

function reasonOf({ code, text, field }: LineError, t: Say): string {
  const row = known.find((each) => each === code);
  const said = row ? t(`line.${row}`) : text;
  return field && field !== 'recipient' ? `${said} (${plainly(field, 60)})` : said;
}

/** Lines that are not sent, and why; to be read here or taken along to whoever mends the list. */
export function LineErrors({ party, mailing }: { readonly party: string; readonly mailing: Mailing }) {
  const { t } = useText();
  const { mailingId, counts } = mailing;
  const errors = useLineErrors(party, mailingId, counts.refused);
  const save = useMutation({
    mutationFn: () => allLineErrors(party, mailingId),
    onSuccess: (all) =>
      saveTable(`${mailingId}.csv`, [
        [t('line.number'), t('line.code'), t('line.why')],
        ...all.map((each) => [String(each.line), each.code, reasonOf(each, t)]),
      ]),
  });
  if (counts.refused === 0) return null;
  const rows = errors.data?.pages.flatMap((page) => page.errors) ?? [];
  return (
    <section className="sheet stack" aria-labelledby="lines">
      <Heading level={2} data-size="xs" id="lines">
        {t('line.title', { count: counts.refused })}
      </Heading>
      <p className="narrow">{t('line.lead')}</p>
      {errors.error ? <Trouble error={errors.error} again={() => void errors.refetch()} /> : null}
      {save.error ? <Trouble error={save.error} /> : null}
      <Scrolling label={t('line.title', { count: counts.refused })}>
        <Table data-color="neutral">
          <Table.Head>
            <Table.Row>
              <Table.HeaderCell scope="col">{t('line.number')}</Table.HeaderCell>
              <Table.HeaderCell scope="col">{t('line.why')}</Table.HeaderCell>
            </Table.Row>
          </Table.Head>
          <Table.Body>
            {rows.map((each) => (
              <Table.Row key={each.line}>
                <Table.HeaderCell scope="row">{each.line}</Table.HeaderCell>
                <Table.Cell className="wrap">{reasonOf(each, t)}</Table.Cell>
              </Table.Row>
            ))}
          </Table.Body>
        </Table>
      </Scrolling>
      <div className="row">
        {errors.hasNextPage ? (
          <Button variant="secondary" loading={errors.isFetchingNextPage} onClick={() => void errors.fetchNextPage()}>
            {t('ui.more')}
          </Button>
        ) : null}
        <Button variant="secondary" loading={save.isPending} onClick={() => save.mutate()}>
          {t('line.download')}
        </Button>
      </div>
    </section>
  );
}
