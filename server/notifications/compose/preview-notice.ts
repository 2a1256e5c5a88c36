import { newId } from '#kernel/ids.ts';
import type { Language, NoticeValues, Purpose } from '../texts.ts';
import { composeNotices } from './compose-notices.ts';
import type { NoticeRow } from './notice-row.ts';

/** What a notice would say in a language and by a channel. */
export interface PreviewedNotice extends Pick<NoticeRow, 'channel' | 'subject' | 'body'> {
  readonly language: Language;
}

/** Nobody has these: a preview goes nowhere. */
const places = { email: 'noen@eksempel.invalid', sms: '+4700000000' } as const;

/** Pure. The wording that somebody with both addresses would get, in each of these languages, by the same way as what is sent. */
export function previewNotices(
  purpose: Purpose,
  values: NoticeValues,
  {
    languages,
    channels,
    at,
  }: { readonly languages: readonly Language[]; readonly channels: readonly ('email' | 'sms')[]; readonly at: Date },
): PreviewedNotice[] {
  const contactPoints = channels.map((channel) => ({ channel, address: places[channel] }));
  return languages.flatMap((language) =>
    composeNotices({ about: null, step: newId(), purpose, channel: 'EmailAndSms', values, at }, [
      { id: null, language, contactPoints },
    ]).map(({ channel, subject, body }) => ({ language, channel, subject, body })),
  );
}
