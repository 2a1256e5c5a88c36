import { Tag } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import type { Item } from '../api/inbox.ts';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import type { InboxSearch } from './search.ts';

const longestTitle = 200;

/** One letter of the list: from whom, what, when, and what must be done about it. It takes along which list it was found in, to come back to. */
export function LetterRow({ item, search }: { readonly item: Item; readonly search: InboxSearch }) {
  const { t } = useText();
  const { day } = useDates();
  return (
    <Link className="letter-link" to="/inbox/$id" params={{ id: item.id }} search={search} preload={false}>
      <span className="letter-from">{plainly(item.sender.name, 120)}</span>
      <span className="letter-date">{item.publishedAt ? day(item.publishedAt) : t('letter.notPublished')}</span>
      <span className="letter-title" lang={item.titleLanguage ?? undefined} dir="auto">
        {item.title === null ? t('letter.hiddenTitle') : plainly(item.title, longestTitle)}
      </span>
      <Marks item={item} />
    </Link>
  );
}

/** A word for everything that can be seen; ember only where somebody must act. */
export function Marks({ item }: { readonly item: Item }) {
  const { t } = useText();
  const { day } = useDates();
  const mustConfirm = item.confirmNeeded && !item.confirmedAt;
  return (
    <span className="letter-marks">
      {item.unread ? <Tag data-size="sm">{t('mark.unread')}</Tag> : null}
      {item.dueAt ? (
        <Tag data-size="sm" data-color={item.unread || mustConfirm ? 'warning' : 'neutral'}>
          {t('mark.due', { date: day(item.dueAt) })}
        </Tag>
      ) : null}
      {mustConfirm ? (
        <Tag data-size="sm" data-color="warning">
          {t('mark.confirm')}
        </Tag>
      ) : null}
      {item.confirmedAt ? (
        <Tag data-size="sm" data-color="success">
          {t('mark.confirmed')}
        </Tag>
      ) : null}
      {item.confidential ? (
        <Tag data-size="sm" data-color="neutral">
          {t('mark.confidential')}
        </Tag>
      ) : null}
      {item.kind === 'file' ? (
        <Tag data-size="sm" data-color="neutral">
          {t('mark.file')}
        </Tag>
      ) : null}
      {item.kind === 'message' && item.attachmentCount > 0 ? (
        <Tag data-size="sm" data-color="neutral">
          {t('mark.attachments', { count: item.attachmentCount })}
        </Tag>
      ) : null}
      {item.labels.map((label) => (
        <Tag key={label} data-size="sm" data-color="neutral">
          {plainly(label, 40)}
        </Tag>
      ))}
    </span>
  );
}
