import { Button, Dialog, Heading, Textfield } from '@digdir/designsystemet-react';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { type Party, useParties } from '../api/session.ts';
import { type TextKey, useText } from './language.ts';
import { plainly } from './plainly.ts';
import { Trouble, Waiting } from './states.tsx';

/** More than this many are found by searching, not by looking. */
const few = 7;

interface Props {
  readonly chosen: Party | null;
  readonly choose: (party: Party) => void;
  readonly close: () => void;
}

/** Opens as it appears; who closes it in whatever way has the focus where it was. */
export function PartyDialog({ chosen, choose, close }: Props) {
  const { t } = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <Dialog ref={dialog} closeButton={t('ui.close')} aria-label={t('party.choose')} closedby="any" onClose={close}>
      <Heading level={2} data-size="xs">
        {t('party.choose')}
      </Heading>
      <Choices
        chosen={chosen}
        choose={(next) => {
          dialog.current?.close();
          choose(next);
        }}
      />
    </Dialog>
  );
}

function Choices({ chosen, choose }: { readonly chosen: Party | null; readonly choose: (party: Party) => void }) {
  const { t } = useText();
  const [search, setSearch] = useState('');
  const asked = useDeferredValue(search.trim());
  const all = useParties('');
  const found = useParties(asked);
  const many = (all.data?.pages[0]?.parties.length ?? 0) > few || all.hasNextPage;
  const parties = found.data?.pages.flatMap((page) => page.parties) ?? [];
  return (
    <div className="stack">
      {many ? <Textfield label={t('party.search')} value={search} onChange={(event) => setSearch(event.target.value)} /> : null}
      {found.isLoading ? <Waiting /> : null}
      {found.error ? <Trouble error={found.error} /> : null}
      {found.data && parties.length === 0 ? <p>{t('party.none', { search: asked })}</p> : null}
      <ul className="plain-list stack-tight">
        {parties.map((party) => (
          <li key={party.id}>
            <Button
              variant={party.id === chosen?.id ? 'primary' : 'secondary'}
              aria-current={party.id === chosen?.id || undefined}
              onClick={() => choose(party)}
            >
              <span>
                {plainly(party.name, 80)} <PartyKind party={party} />
              </span>
            </Button>
          </li>
        ))}
      </ul>
      {found.hasNextPage ? (
        <Button variant="tertiary" onClick={() => void found.fetchNextPage()}>
          {t('ui.more')}
        </Button>
      ) : null}
    </div>
  );
}

function PartyKind({ party }: { readonly party: Party }) {
  const { t } = useText();
  const parts = [t(`party.kind.${party.kind}` as TextKey)];
  if (party.kind !== 'person' && party.number) parts.push(party.number);
  if (party.unread > 0) parts.push(t('party.unread', { count: party.unread }));
  if (party.sealed > 0) parts.push(t('party.sealed', { count: party.sealed }));
  return <span>({parts.join(', ')})</span>;
}
