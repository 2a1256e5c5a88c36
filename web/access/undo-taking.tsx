import { Button } from '@digdir/designsystemet-react';
import { type Grant, partyReference, useGiveAccess } from '../api/access.ts';
import { afterwards } from '../ui/afterwards.ts';
import { announce } from '../ui/announce.tsx';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';
import { Trouble } from '../ui/states.tsx';

/** After access was taken: the same is given anew, to the same and until the same day. What has no name here cannot be. */
export function UndoTaking({ grant, done }: { readonly grant: Grant; readonly done: () => void }) {
  const { t } = useText();
  const give = useGiveAccess();
  const name = plainly(grant.toName, 60);
  const what = grant.package !== null ? { package: grant.package } : givenService(grant);
  const again = (): void =>
    afterwards(
      give.mutateAsync({
        ...{ at: partyReference(grant.at), to: partyReference(grant.to), ...what },
        ...(grant.until === null ? {} : { until: grant.until }),
        ...(grant.reason === null ? {} : { reason: grant.reason }),
      }),
      () => {
        announce(t('given.undone', { name }));
        done();
      },
    );
  return (
    <div className="sheet stack-tight">
      <p>{t('granted.taken', { name })}</p>
      {give.error ? <Trouble error={give.error} /> : null}
      {what ? (
        <p>
          <Button variant="secondary" data-size="sm" loading={give.isPending} onClick={again}>
            {t('given.undo', { name })}
          </Button>
        </p>
      ) : null}
    </div>
  );
}

function givenService({ resource, instance, actions }: Grant) {
  if (resource === null) return null;
  return { resource, actions, ...(instance === null ? {} : { instance }) };
}
