import { Button } from '@digdir/designsystemet-react';
import { type Grant, useRestoreAccess } from '../api/access.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';

/** After access was taken: the same is given anew, with all that it carried, also where the service is not named here. */
export function UndoTaking({ grant, done }: { readonly grant: Grant; readonly done: () => void }) {
  const { t } = useText();
  const restore = useRestoreAccess();
  const name = plainly(grant.toName, 60);
  const again = (): void =>
    afterwards(restore.mutateAsync(grant.id), () => {
      announce(t('given.undone', { name }));
      done();
    });
  return (
    <div className="sheet stack-tight">
      <p>{t('granted.taken', { name })}</p>
      {restore.error ? <Trouble error={restore.error} /> : null}
      <p>
        <Button variant="secondary" data-size="sm" loading={restore.isPending} onClick={again}>
          {t('given.undo', { name })}
        </Button>
      </p>
    </div>
  );
}
