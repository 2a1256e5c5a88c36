import { Button } from '@digdir/designsystemet-react';
import { useText } from './language.ts';

interface Props {
  /** What is read page by page. */
  readonly of: { readonly hasNextPage: boolean; readonly isFetchingNextPage: boolean; readonly fetchNextPage: () => unknown };
  readonly label?: string;
}

/** Reads on, where there is more. */
export function More({ of: { hasNextPage, isFetchingNextPage, fetchNextPage }, label }: Props) {
  const { t } = useText();
  if (!hasNextPage) return null;
  return (
    <p>
      <Button variant="secondary" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {label ?? t('ui.more')}
      </Button>
    </p>
  );
}
