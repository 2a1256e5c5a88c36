import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParty } from '#register/index.ts';
import { answerWith, formOf, languageOf, queryOf } from './answer.ts';
import { ownerOf } from './client-metadata.ts';
import { hinted } from './hinted.ts';
import { type LoginLevel, loginLevels, lowestWanted, reaches } from './levels.ts';
import { gonePage, loginPage, personsShown } from './pages.ts';
import type { LoginSecrets } from './secrets.ts';
import { listTestPersons, removeGrants } from './store.ts';

export interface Choosing {
  readonly ctx: Pick<Context, 'db'>;
  readonly provider: Provider;
  readonly secrets: LoginSecrets;
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** Where a login under way is answered, below the issuer's address. */
export const interactionPath = '/interaction/';

/**
 * The page of a login under way, and what is chosen on it. The login must be the one that this browser began: its cookie names
 * it, and so must the address. A choice must come from a form that we made for it. Anything else is told that there is no such
 * login, and changes nothing.
 */
export async function choosePerson(choosing: Choosing, request: IncomingMessage, response: ServerResponse, uid: string): Promise<void> {
  const interaction = await findInteraction(choosing.provider, request, response, uid);
  if (!interaction) return answerWith(response, gonePage(languageOf(request), 404));
  if (request.method === 'GET') return showPage(choosing, request, response, interaction);
  if (request.method === 'POST') return takeChoice(choosing, request, response, interaction);
  response.writeHead(405, { allow: 'GET, POST' }).end();
}

async function findInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  uid: string,
): Promise<Interaction | undefined> {
  try {
    const interaction = await provider.interactionDetails(request, response);
    return interaction.uid === uid ? interaction : undefined;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

async function showPage(
  { ctx, secrets }: Choosing,
  request: IncomingMessage,
  response: ServerResponse,
  { uid, params }: Interaction,
): Promise<void> {
  const query = queryOf(request);
  const search = (query.get('q') ?? hinted(params.login_hint)).slice(0, 200);
  const page = loginPage({
    language: languageOf(request, params.ui_locales),
    path: `/idporten${interactionPath}${uid}`,
    client: (await ownerOf(ctx.db, String(params.client_id))).name,
    leadsTo: String(params.redirect_uri),
    search,
    persons: await listTestPersons(ctx.db, search.replaceAll('\0', ''), personsShown + 1),
    lowest: lowestWanted(params.acr_values),
    formToken: secrets.formToken(uid),
  });
  answerWith(response, page);
}

async function takeChoice(choosing: Choosing, request: IncomingMessage, response: ServerResponse, interaction: Interaction): Promise<void> {
  const { provider, secrets } = choosing;
  const form = await formOf(request);
  if (!form || !secrets.isFormToken(interaction.uid, form.get('token')))
    return answerWith(response, gonePage(languageOf(request, interaction.params.ui_locales), 403));
  if (form.has('cancel')) {
    const declined = { error: 'access_denied', error_description: 'The person did not log in' };
    return provider.interactionFinished(request, response, declined, { mergeWithLastSubmission: false });
  }
  const person = await chosenPerson(choosing, form.get('person'));
  if (!person) return showPage(choosing, request, response, interaction);
  const acr = levelOf(form.get('level'), lowestWanted(interaction.params.acr_values));
  const login = { accountId: person, acr, amr: ['TestID'], remember: true };
  const returnTo = await provider.interactionResult(request, response, { login }, { mergeWithLastSubmission: false });
  await endAnother(choosing, interaction, person);
  response.writeHead(303, { location: returnTo, 'content-length': '0' }).end();
}

async function chosenPerson({ ctx }: Choosing, given: string | null): Promise<PartyId | undefined> {
  if (given === null || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(given)) return undefined;
  const party = await findParty(ctx.db, given as PartyId);
  return party?.kind === 'person' && party.alive ? party.id : undefined;
}

function levelOf(given: string | null, lowest: LoginLevel): LoginLevel {
  const chosen = loginLevels.find((level) => level === given);
  return chosen && reaches(chosen, lowest) ? chosen : 'idporten-loa-high';
}

/** Somebody else was logged in with this browser: that login ends, with all that it gave. */
async function endAnother({ ctx, provider }: Choosing, { session }: Interaction, person: PartyId): Promise<void> {
  if (!session?.accountId || session.accountId === person) return;
  const before = await provider.Session.findByUid(session.uid);
  if (!before) return;
  const grants = Object.values(before.authorizations ?? {}).flatMap(({ grantId }) => grantId ?? []);
  Object.assign(before, { accountId: undefined, authorizations: undefined, acr: undefined, amr: undefined });
  await before.persist();
  await ctx.db.transaction(async (tx) => removeGrants(tx, grants));
}
