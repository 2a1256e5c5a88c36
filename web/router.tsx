import { createRootRoute, createRoute, createRouter, lazyRouteComponent, notFound } from '@tanstack/react-router';
import { readGrantedSearch } from './access/search.ts';
import { readSentSearch, readUnreadSearch } from './console/search.ts';
import { readCoverageSearch } from './coverage/search.ts';
import { readFiguresSearch, readStatementsSearch } from './figures/search.ts';
import { readLoginSearch } from './home/search.ts';
import { readInboxSearch } from './inbox/search.ts';
import { Frame } from './ui/frame.tsx';
import { withTexts } from './ui/language.ts';
import { readPartySearch, textOf } from './ui/party.ts';
import { FailedPage, MissingPage } from './ui/states.tsx';

const root = createRootRoute({ component: Frame, notFoundComponent: MissingPage, errorComponent: FailedPage });

/** What can be nobody's id is an address that was typed wrong, and no question for the server. */
function needsId({ params }: { readonly params: { readonly id: string } }): void {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(params.id)) throw notFound();
}

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: readLoginSearch,
  component: lazyRouteComponent(() => withTexts('home', import('./home/home-page.tsx')), 'HomePage'),
});

const inbox = createRoute({
  getParentRoute: () => root,
  path: '/inbox',
  validateSearch: readInboxSearch,
  component: lazyRouteComponent(() => import('./inbox/inbox-page.tsx'), 'InboxPage'),
});

const letter = createRoute({
  getParentRoute: () => root,
  path: '/inbox/$id',
  beforeLoad: needsId,
  validateSearch: readInboxSearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('letter', import('./letter/letter-page.tsx'))), 'LetterPage'),
});

const sealed = createRoute({
  getParentRoute: () => root,
  path: '/access',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('access', import('./access/sealed-page.tsx')), 'SealedPage'),
});

const coverage = createRoute({
  getParentRoute: () => root,
  path: '/access/coverage',
  validateSearch: readCoverageSearch,
  component: lazyRouteComponent(() => withTexts('access', withTexts('coverage', import('./coverage/coverage-page.tsx'))), 'CoveragePage'),
});

const addresses = createRoute({
  getParentRoute: () => root,
  path: '/access/addresses',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(
    () => withTexts('access', withTexts('addresses', import('./addresses/addresses-page.tsx'))),
    'AddressesPage',
  ),
});

const granted = createRoute({
  getParentRoute: () => root,
  path: '/access/granted',
  validateSearch: readGrantedSearch,
  component: lazyRouteComponent(() => withTexts('access', import('./access/granted-page.tsx')), 'GrantedPage'),
});

const requests = createRoute({
  getParentRoute: () => root,
  path: '/access/requests',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('access', import('./access/requests-page.tsx')), 'RequestsPage'),
});

const unread = createRoute({
  getParentRoute: () => root,
  path: '/unread',
  validateSearch: readUnreadSearch,
  component: lazyRouteComponent(() => withTexts('console', import('./console/unread-page.tsx')), 'UnreadPage'),
});

const sent = createRoute({
  getParentRoute: () => root,
  path: '/console',
  validateSearch: readSentSearch,
  component: lazyRouteComponent(() => withTexts('console', import('./console/sent-page.tsx')), 'SentPage'),
});

const write = createRoute({
  getParentRoute: () => root,
  path: '/console/new',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('services', import('./console/write-page.tsx'))), 'WritePage'),
});

const sentLetter = createRoute({
  getParentRoute: () => root,
  path: '/console/$id',
  beforeLoad: needsId,
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', import('./console/sent-letter-page.tsx')), 'SentLetterPage'),
});

const sentFiles = createRoute({
  getParentRoute: () => root,
  path: '/console/files',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('files', import('./files/sent-files-page.tsx'))), 'SentFilesPage'),
});

const newFile = createRoute({
  getParentRoute: () => root,
  path: '/console/files/new',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('files', import('./files/new-file-page.tsx'))), 'NewFilePage'),
});

const sentFile = createRoute({
  getParentRoute: () => root,
  path: '/console/files/$id',
  beforeLoad: needsId,
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('files', import('./files/sent-file-page.tsx'))), 'SentFilePage'),
});

const services = createRoute({
  getParentRoute: () => root,
  path: '/console/services',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('services', import('./services/services-page.tsx'))), 'ServicesPage'),
});

const service = createRoute({
  getParentRoute: () => root,
  path: '/console/services/$id',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('services', import('./services/service-page.tsx'))), 'ServicePage'),
});

const mailings = createRoute({
  getParentRoute: () => root,
  path: '/console/mailings',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('mailings', import('./mailings/mailings-page.tsx'))), 'MailingsPage'),
});

const newMailing = createRoute({
  getParentRoute: () => root,
  path: '/console/mailings/new',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(
    () => withTexts('console', withTexts('mailings', import('./mailings/new-mailing-page.tsx'))),
    'NewMailingPage',
  ),
});

const mailing = createRoute({
  getParentRoute: () => root,
  path: '/console/mailings/$id',
  beforeLoad: needsId,
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('mailings', import('./mailings/mailing-page.tsx'))), 'MailingPage'),
});

const figures = createRoute({
  getParentRoute: () => root,
  path: '/console/figures',
  validateSearch: readFiguresSearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('figures', import('./figures/figures-page.tsx'))), 'FiguresPage'),
});

const statements = createRoute({
  getParentRoute: () => root,
  path: '/console/figures/statements',
  validateSearch: readStatementsSearch,
  component: lazyRouteComponent(
    () => withTexts('console', withTexts('figures', import('./figures/statements-page.tsx'))),
    'StatementsPage',
  ),
});

const statement = createRoute({
  getParentRoute: () => root,
  path: '/console/figures/statements/$day',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('figures', import('./figures/statement-page.tsx'))), 'StatementPage'),
});

const routine = createRoute({
  getParentRoute: () => root,
  path: '/console/figures/routine',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('figures', import('./figures/routine-page.tsx'))), 'RoutinePage'),
});

const mails = createRoute({
  getParentRoute: () => root,
  path: '/console/figures/mails',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('figures', import('./figures/mails-page.tsx'))), 'MailsPage'),
});

const webhooks = createRoute({
  getParentRoute: () => root,
  path: '/console/connections',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(
    () => withTexts('console', withTexts('connections', import('./connections/webhooks-page.tsx'))),
    'WebhooksPage',
  ),
});

const systems = createRoute({
  getParentRoute: () => root,
  path: '/console/connections/systems',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(
    () => withTexts('console', withTexts('connections', import('./connections/systems-page.tsx'))),
    'SystemsPage',
  ),
});

const keys = createRoute({
  getParentRoute: () => root,
  path: '/console/connections/keys',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(() => withTexts('console', withTexts('connections', import('./connections/keys-page.tsx'))), 'KeysPage'),
});

const webhook = createRoute({
  getParentRoute: () => root,
  path: '/console/connections/$id',
  validateSearch: readPartySearch,
  component: lazyRouteComponent(
    () => withTexts('console', withTexts('connections', import('./connections/webhook-page.tsx'))),
    'WebhookPage',
  ),
});

const operator = createRoute({
  getParentRoute: () => root,
  path: '/operator',
  component: lazyRouteComponent(() => withTexts('operator', import('./operator/operator-page.tsx')), 'OperatorPage'),
});

const outbox = createRoute({
  getParentRoute: () => root,
  path: '/sandbox',
  validateSearch: (search: Record<string, unknown>): { readonly address?: string } => textOf('address', search),
  component: lazyRouteComponent(() => withTexts('sandbox', import('./sandbox/outbox-page.tsx')), 'OutboxPage'),
});

const people = createRoute({
  getParentRoute: () => root,
  path: '/sandbox/people',
  validateSearch: (search: Record<string, unknown>): { readonly q?: string } => textOf('q', search),
  component: lazyRouteComponent(() => withTexts('sandbox', import('./sandbox/people-page.tsx')), 'PeoplePage'),
});

const clock = createRoute({
  getParentRoute: () => root,
  path: '/sandbox/clock',
  component: lazyRouteComponent(() => withTexts('sandbox', import('./sandbox/clock-page.tsx')), 'ClockPage'),
});

const town = createRoute({
  getParentRoute: () => root,
  path: '/sandbox/town',
  component: lazyRouteComponent(() => withTexts('sandbox', import('./sandbox/town-page.tsx')), 'TownPage'),
});

const routeTree = root.addChildren([
  operator,
  outbox,
  people,
  clock,
  town,
  figures,
  statements,
  statement,
  routine,
  mails,
  webhooks,
  systems,
  keys,
  webhook,
  home,
  inbox,
  letter,
  sealed,
  coverage,
  granted,
  requests,
  addresses,
  unread,
  sent,
  write,
  sentLetter,
  sentFiles,
  newFile,
  sentFile,
  services,
  service,
  mailings,
  newMailing,
  mailing,
]);

/** Where each address leads. Pages come in pieces of their own: the inbox loads what the inbox needs. One that breaks leaves the frame around it. */
export function createAppRouter() {
  return createRouter({
    ...{ routeTree, defaultPreload: 'intent', scrollRestoration: false, defaultStructuralSharing: true },
    defaultErrorComponent: FailedPage,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
