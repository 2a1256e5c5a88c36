import { Heading, Tag } from '@digdir/designsystemet-react';
import type { ItemFile } from '../api/inbox.ts';
import { type Attachment, allAttachmentsAddress, attachmentAddress, type Letter } from '../api/letter.ts';
import { useDates, useSize } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

/** The files of a letter: what each is called, how big, whether it is looked through, and the way to it. */
export function Attachments({ letter, files }: { readonly letter: Letter; readonly files: readonly ItemFile[] }) {
  const { t } = useText();
  const { attachments } = letter.content;
  if (attachments.length === 0) return null;
  const ready = attachments.filter(({ status }) => status === 'Published');
  return (
    <section className="stack-tight" aria-labelledby="attachments">
      <Heading level={2} data-size="xs" id="attachments">
        {t('attachments.title', { count: attachments.length })}
      </Heading>
      <ul className="plain-list stack-tight">
        {attachments.map((attachment) => (
          <li key={attachment.id} className="sheet row apart">
            <OneFile letterId={letter.correspondenceId} attachment={attachment} file={files.find(({ id }) => id === attachment.id)} />
          </li>
        ))}
      </ul>
      {ready.length > 1 ? (
        <p className="not-printed">
          <a href={allAttachmentsAddress(letter.correspondenceId)} download>
            {t('attachments.all', { count: ready.length })}
          </a>
        </p>
      ) : null}
    </section>
  );
}

interface FileProps {
  readonly letterId: string;
  readonly attachment: Attachment;
  readonly file: ItemFile | undefined;
}

function OneFile({ letterId, attachment, file }: FileProps) {
  const { t } = useText();
  const size = useSize();
  const { day } = useDates();
  const name = plainly(attachment.displayName || attachment.fileName, 150);
  const facts = [plainly(attachment.fileName, 150)];
  if (file?.sizeBytes) facts.push(size(file.sizeBytes));
  if (attachment.expirationTime) facts.push(t('attachments.expires', { date: day(attachment.expirationTime) }));
  return (
    <>
      <span className="stack-tight wrap">
        {attachment.status === 'Published' ? (
          <a href={attachmentAddress(letterId, attachment.id)} download>
            {t('attachments.download', { name })}
          </a>
        ) : (
          <strong>{name}</strong>
        )}
        <span className="quiet">{facts.join(' · ')}</span>
      </span>
      <FileState attachment={attachment} />
    </>
  );
}

/** A file is published when it has been looked through, and not before. */
function FileState({ attachment: { status } }: Pick<FileProps, 'attachment'>) {
  const { t } = useText();
  if (status === 'Expired' || status === 'Purged') return <Tag data-color="neutral">{t('attachments.gone')}</Tag>;
  if (status === 'Failed') return <Tag data-color="neutral">{t('attachments.infected')}</Tag>;
  if (status !== 'Published') return <Tag data-color="neutral">{t('attachments.pending')}</Tag>;
  return <Tag data-color="success">{t('attachments.clean')}</Tag>;
}
