import { useServiceTitle } from '../api/connections.ts';
import { useText } from '../ui/language.ts';
import { plainly } from '../ui/plainly.ts';

const packages = [
  'ordinaer-post-til-virksomheten',
  'post-til-virksomheten-med-taushetsbelagt-innhold',
  'hovedadministrator',
  'tilgangsstyrer',
] as const;
const actions = ['read', 'write', 'subscribe', 'confirm'] as const;

/** What an access package is called where people read it. */
export function PackageName({ urn }: { readonly urn: string }) {
  const { t } = useText();
  const code = urn.split(':').at(-1)!;
  const known = packages.find((each) => each === code);
  return <>{t('systems.package', { name: known ? t(`package.${known}`) : code })}</>;
}

/** What may be done on a service, and what the service is called. */
export function RightName({ resource, actions: those }: { readonly resource: string; readonly actions: readonly string[] }) {
  const { t, language } = useText();
  const { data } = useServiceTitle(resource || undefined);
  const title = plainly(data?.title?.[language] ?? data?.title?.nb ?? resource, 100);
  const words = those.map((action) => {
    const known = actions.find((each) => each === action);
    return known ? t(`systems.action.${known}`) : action;
  });
  return <>{t('systems.right', { actions: words.join(', '), title })}</>;
}
