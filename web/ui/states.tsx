import { Alert, Button, Skeleton } from '@digdir/designsystemet-react';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { Refusal, Unreachable } from '../api/ask.ts';
import { useText, withTexts } from './language.ts';
import { PageTitle } from './page-title.tsx';

/** After so long a wait it is said that it goes slowly. */
const slowMillis = 4000;

/** While something is fetched. */
export function Waiting() {
  const { t } = useText();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), slowMillis);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="stack skeleton-lines" role="status">
      <p className="quiet">{slow ? t('state.slow') : t('state.loading')}</p>
      <Skeleton aria-hidden />
      <Skeleton aria-hidden />
      <Skeleton aria-hidden />
    </div>
  );
}

/** There is nothing, and why that is, and what to do. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="sheet stack-tight">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  );
}

/** What went wrong, in words, with what to do and the reference that the operator can look up. */
export function Trouble({
  error,
  again,
  children,
}: {
  readonly error: unknown;
  readonly again?: () => void;
  readonly children?: ReactNode;
}) {
  const { t } = useText();
  return (
    <Alert data-color={isNoRight(error) ? 'neutral' : 'danger'} role="alert">
      <div className="stack-tight">
        <p>
          <strong>{titleOf(error, t)}</strong>
        </p>
        <p>{error instanceof Refusal ? <RefusalWords row={error.row}>{adviceOf(error, t)}</RefusalWords> : adviceOf(error, t)}</p>
        {children}
        {error instanceof Refusal && error.reference ? (
          <p className="quiet wrap">{t('state.reference', { reference: error.reference })}</p>
        ) : null}
        {again && !isNoRight(error) ? (
          <p>
            <Button variant="secondary" data-size="sm" onClick={again}>
              {t('state.again')}
            </Button>
          </p>
        ) : null}
      </div>
    </Alert>
  );
}

type Say = ReturnType<typeof useText>['t'];

function titleOf(error: unknown, t: Say): string {
  if (error instanceof Unreachable) return t('state.unreachable');
  if (isNoRight(error)) return t('state.noRight');
  if (error instanceof Refusal && error.status === 404) return t('state.missing');
  if (error instanceof Refusal && error.status === 429) return t('state.tooMany');
  if (error instanceof Refusal && error.status < 500) return t('state.refused');
  return t('state.failed');
}

/** Words for refusals come when the first is met: most pages need none. Where they do not come, what is generally said must do. */
const Advice = lazy(async () => {
  try {
    const { Advice: advice } = await withTexts('refusals', import('../refusals/advice.tsx'));
    return { default: advice };
  } catch {
    return { default: ({ children }: { readonly row: string | null; readonly children: ReactNode }) => children };
  }
});

/** Why something was refused, in the reader's own words, for those refusals that have some. */
export function RefusalWords({ row, children }: { readonly row: string | null; readonly children: ReactNode }) {
  return (
    <Suspense fallback={children}>
      <Advice row={row}>{children}</Advice>
    </Suspense>
  );
}

function adviceOf(error: unknown, t: Say): ReactNode {
  if (error instanceof Unreachable) return t('state.unreachableNext');
  if (isNoRight(error)) return t('state.noRightNext');
  if (!(error instanceof Refusal) || error.status >= 500) return t('state.failedNext');
  if (error.status === 404) return t('state.missingNext');
  if (error.status === 429) return t('state.tooManyNext');
  return (
    <>
      {t('state.refusedNext', { code: error.row ?? error.status })} {error.message ? <span lang="en">({error.message})</span> : null}
    </>
  );
}

/** Logged in, and not allowed. */
export function isNoRight(error: unknown): boolean {
  return error instanceof Refusal && (error.status === 403 || (error.status === 401 && error.code !== null));
}

/** The browser says that it has no network. */
export function OfflineLine() {
  const { t } = useText();
  const online = useSyncExternalStore(
    (listener) => {
      addEventListener('online', listener);
      addEventListener('offline', listener);
      return () => {
        removeEventListener('online', listener);
        removeEventListener('offline', listener);
      };
    },
    () => navigator.onLine,
  );
  return (
    <div role="status">
      {online ? null : (
        <p className="sandbox-line">
          <strong>{t('state.offline')}</strong> {t('state.offlineNext')}
        </p>
      )}
    </div>
  );
}

export function MissingPage() {
  const { t } = useText();
  return (
    <div className="stack narrow">
      <PageTitle title={t('state.noPage')} />
      <p>{t('state.noPageNext')}</p>
      <p>
        <a href="/">{t('state.toFront')}</a>
      </p>
    </div>
  );
}

/** A page broke. What the server never heard of has no reference there: then it is when it was, and what the browser says of it. */
export function FailedPage({ error }: ErrorComponentProps) {
  const { t } = useText();
  const [reference] = useState(() => `${new Date().toISOString()} ${error}`.slice(0, 200));
  return (
    <div className="stack narrow">
      <PageTitle title={t('state.broke')} />
      <Trouble error={error} again={() => location.reload()}>
        {error instanceof Refusal ? null : <p className="quiet wrap">{t('state.reference', { reference })}</p>}
      </Trouble>
      <p>
        <a href="/">{t('state.toFront')}</a>
      </p>
    </div>
  );
}
