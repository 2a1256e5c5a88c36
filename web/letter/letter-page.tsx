import { Heading } from '@digdir/designsystemet-react';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Refusal } from '../api/ask.ts';
import { type OneItem, useItem, useRefresh } from '../api/inbox.ts';
import { type Letter, useLetter } from '../api/letter.ts';
import { Marks } from '../inbox/letter-row.tsx';
import { useDates } from '../ui/dates.ts';
import { useText } from '../ui/language.ts';
import { LoginLink } from '../ui/login-link.tsx';
import { PageTitle } from '../ui/page-title.tsx';
import { plainly } from '../ui/plainly.ts';
import { SignedIn } from '../ui/signed-in.tsx';
import { Trouble, Waiting } from '../ui/states.tsx';
import { Absent, Failed } from './absent.tsx';
import { Actions } from './actions.tsx';
import { Attachments } from './attachments.tsx';
import { ConfirmCard } from './confirm-card.tsx';
import { FileCard } from './file-card.tsx';
import { LanguageChoice } from './language-choice.tsx';
import { Markdown } from './markdown.tsx';
import { Replies } from './replies.tsx';
import { SeenBy } from './seen-by.tsx';
import { useWords } from './use-words.ts';
import { Why } from './why.tsx';

export function LetterPage() {
  const { id } = useParams({ from: '/inbox/$id' });
  return (
    <SignedIn anyParty>
      <OneLetter key={id} id={id} />
    </SignedIn>
  );
}

function OneLetter({ id }: { readonly id: string }) {
  const { t } = useText();
  const search = useSearch({ from: '/inbox/$id' });
  const item = useItem(id);
  const isMessage = item.data?.kind === 'message';
  const mayOpen = isMessage && item.data?.canOpen === true;
  const letter = useLetter(id, mayOpen);
  const error = item.error ?? letter.error;
  // While it is asked for again what was said of it stays: it may be asked for often, until it comes.
  const [absent, setAbsent] = useState<Refusal | null>(null);
  const missing = item.error instanceof Refusal && item.error.status === 404 ? item.error : null;
  if (missing && missing !== absent) setAbsent(missing);
  else if (item.data && absent) setAbsent(null);
  return (
    <div className="stack">
      <p className="not-printed">
        <Link to="/inbox" search={search} resetScroll={false}>
          {t('letter.back')}
        </Link>
      </p>
      {absent ? (
        <Absent id={id} error={absent} again={() => void item.refetch()} />
      ) : error ? (
        <Failed error={error} again={() => void Promise.all([item.refetch(), letter.refetch()])} />
      ) : null}
      {!absent && !error && (item.isPending || (mayOpen && letter.isPending)) ? <Waiting /> : null}
      {item.data && isMessage && !mayOpen ? <Locked item={item.data} /> : null}
      {item.data && item.data.kind === 'file' ? <FileCard item={item.data} /> : null}
      {item.data && letter.data ? <Opened item={item.data} letter={letter.data} /> : null}
    </div>
  );
}

/** It is here, and this reader may open it by a stronger login: from whom and when it came, and the way there. */
function Locked({ item }: { readonly item: OneItem }) {
  const { t } = useText();
  const { moment } = useDates();
  return (
    <div className="stack narrow">
      <PageTitle title={t('letter.lockedTitle')} />
      <p>{t('letter.lockedFrom', { sender: plainly(item.sender.name, 120), at: item.publishedAt ? moment(item.publishedAt) : '' })}</p>
      <p>{t('letter.level')}</p>
      <p>
        <LoginLink returnTo={location.pathname + location.search} level="high">
          {t('letter.levelLogIn')}
        </LoginLink>
      </p>
    </div>
  );
}

function Opened({ item, letter }: { readonly item: OneItem; readonly letter: Letter }) {
  const { t } = useText();
  const { moment, day } = useDates();
  const words = useWords(item, letter);
  const refresh = useRefresh();
  const isOpened = words.body !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it has been opened
  useEffect(() => {
    if (isOpened && item.unread) void refresh();
  }, [isOpened]);
  const sender = plainly(letter.messageSender || item.sender.name, 120);
  return (
    <>
      <PageTitle title={plainly(words.title)} lang={words.language} />
      <dl className="facts">
        <dt>{t('letter.from')}</dt>
        <dd dir="auto">{sender}</dd>
        <dt>{t('letter.to')}</dt>
        <dd dir="auto">{plainly(item.recipient.name, 120)}</dd>
        {letter.published ? (
          <>
            <dt>{t('letter.received')}</dt>
            <dd>{moment(letter.published)}</dd>
          </>
        ) : null}
        {letter.dueDateTime ? (
          <>
            <dt>{t('letter.due')}</dt>
            <dd>{day(letter.dueDateTime)}</dd>
          </>
        ) : null}
      </dl>
      <p className="not-printed">
        <Marks item={{ ...item, unread: false, dueAt: null, confirmNeeded: false, attachmentCount: 0 }} />
      </p>
      {letter.isConfirmationNeeded && isOpened ? <ConfirmCard item={item} /> : null}
      {words.languages.length > 1 ? <LanguageChoice languages={words.languages} shown={words.language} choose={words.choose} /> : null}
      <article className="sheet" lang={words.language} aria-label={t('letter.body')}>
        {words.isPending ? <Waiting /> : null}
        {words.error ? <Trouble error={words.error} again={words.again} /> : null}
        {words.body !== undefined ? <Markdown text={words.body} /> : null}
      </article>
      <Attachments letter={letter} files={item.attachments} />
      <Replies options={letter.replyOptions} />
      <Heading level={2} data-size="xs" className="not-printed">
        {t('letter.more')}
      </Heading>
      <Actions item={item} letter={letter} />
      <div className="narrow not-printed">
        <Why id={item.id} />
        <SeenBy id={item.id} />
      </div>
    </>
  );
}
