import type { Reply } from '#kernel/route.ts';
import { type Html, html } from '../pages/html.ts';
import type { Language } from '../pages/language.ts';
import { pageReply } from '../pages/look.ts';
import { type LoginLevel, loginLevels, reaches } from './levels.ts';
import type { TestPerson } from './store.ts';
import { loginTexts } from './texts.ts';

/** As many persons are shown at a time. */
export const personsShown = 30;

/** What the login page shows. */
export interface LoginPage {
  readonly language: Language;
  readonly path: string;
  /** Whose service asks. */
  readonly client: string;
  /** Where the browser is sent in the end. */
  readonly leadsTo: string;
  readonly search: string;
  /** One more than are shown, where there are more. */
  readonly persons: readonly TestPerson[];
  readonly lowest: LoginLevel;
  readonly formToken: string;
}

/**
 * Where one chooses whom to log in as. One form, one button for each person; works without scripts. The hidden button is what the
 * Enter key presses outside any other, so that nobody becomes the first person by accident.
 */
export function loginPage(page: LoginPage): Reply {
  const { language, path, client, search } = page;
  const t = loginTexts[language];
  return pageReply({
    language,
    path,
    title: t.logIn,
    ways: 'languages',
    formsLeadTo: [originOf(page.leadsTo)],
    body: () => html`<h1>${t.logIn}</h1>
<p class="lead">${t.to(client)} ${t.lead}</p>
<form method="get" action="${path}" role="search">
<input type="hidden" name="lang" value="${language}">
<label for="q">${t.search}</label><input id="q" name="q" type="search" maxlength="200" autocomplete="off" aria-describedby="q-hint" value="${search}">
<button type="submit">${t.find}</button>
<p id="q-hint" class="quiet">${t.searchHint}</p>
</form>
<form method="post" action="${path}?lang=${language}">
<input type="hidden" name="token" value="${page.formToken}">
<button type="submit" hidden></button>
${levelChoice(language, page.lowest)}
<h2 id="who">${t.who}</h2>
${page.persons.length === 0 ? nobody(language, search) : people(language, page.persons)}
<button type="submit" name="cancel" value="yes">${t.cancel}</button>
</form>`,
  });
}

/** The highest level is chosen where nobody chooses: it opens all that the person may open. */
function levelChoice(language: Language, lowest: LoginLevel): Html {
  const t = loginTexts[language];
  const offered = loginLevels.filter((level) => reaches(level, lowest));
  return html`<fieldset><legend>${t.level}</legend>${offered.map(
    (level) =>
      html`<label><input type="radio" name="level" value="${level}"${level === 'idporten-loa-high' ? html` checked` : null}> ${t[level]}</label>`,
  )}</fieldset>`;
}

function people(language: Language, persons: readonly TestPerson[]): Html {
  const shown = persons.slice(0, personsShown);
  return html`<ul class="people" aria-labelledby="who">${shown.map(
    ({ id, name, number }) => html`<li><button type="submit" name="person" value="${id}">${name} <span>${number}</span></button></li>`,
  )}</ul>
${persons.length > personsShown ? html`<p class="quiet">${loginTexts[language].more(personsShown)}</p>` : null}`;
}

function nobody(language: Language, search: string): Html {
  const t = loginTexts[language];
  return html`<p>${search === '' ? t.nobody : t.nobodyFor(search)} ${t.nobodyNext}</p>`;
}

/** A login that is not known, not this browser's, or over. */
export function gonePage(language: Language, status: number): Reply {
  const t = loginTexts[language];
  return step(language, t.gone, html`<p>${t.goneNext}</p><p><a href="/">${t.front}</a></p>`, status);
}

/** What a service has asked wrongly for; `code` and `description` are for whoever makes it. */
export function refusedPage(language: Language, status: number, code: string, description: string): Reply {
  const t = loginTexts[language];
  return step(
    language,
    t.refused,
    html`<p>${t.refusedNext}</p><pre>${code}: ${description}</pre><p><a href="/">${t.front}</a></p>`,
    status,
  );
}

export function failedPage(language: Language): Reply {
  const t = loginTexts[language];
  return step(language, t.failed, html`<p>${t.failedNext}</p><p><a href="/">${t.front}</a></p>`, 500);
}

/** Asks before somebody is logged out whose service did not prove that it is theirs. `form` is the library's, with its secret. */
export function askLogoutPage(language: Language, form: string, leadsTo: string | undefined): Reply {
  const t = loginTexts[language];
  return pageReply({
    language,
    path: '/',
    title: t.logOut,
    ways: 'none',
    formsLeadTo: leadsTo === undefined ? [] : [originOf(leadsTo)],
    body: () => html`<h1>${t.logOut}</h1>
<p class="lead">${t.logOutLead}</p>
${{ markup: form }}
<p><button type="submit" form="op.logoutForm" name="logout" value="yes">${t.logOut}</button></p>`,
  });
}

/** The last page; `calls` are fetched in frames, so that each service logs its own session out. */
export function loggedOutPage(language: Language, calls: readonly string[], goesOnTo: string | undefined): Reply {
  const t = loginTexts[language];
  return pageReply({
    language,
    path: '/',
    title: t.loggedOut,
    ways: 'none',
    frames: [...new Set(calls.map(originOf))],
    ...(goesOnTo === undefined ? {} : { goesOnTo }),
    body: () => html`<h1>${t.loggedOut}</h1>
<p class="lead">${t.loggedOutLead} ${goesOnTo === undefined ? null : t.loggingOut}</p>
<p>${goesOnTo === undefined ? html`<a href="/">${t.front}</a>` : html`<a href="${goesOnTo}">${t.goOn}</a>`}</p>
${calls.map((call) => html`<iframe src="${call}" title="" aria-hidden="true"></iframe>`)}`,
  });
}

function step(language: Language, title: string, body: Html, status: number): Reply {
  return pageReply({ language, path: '/', title, status, ways: 'none', body: () => html`<h1>${title}</h1>${body}` });
}

/** What a content security policy calls an address: its origin, or the scheme of an application's own. */
function originOf(address: string): string {
  const { origin, protocol } = new URL(address);
  return origin === 'null' ? protocol : origin;
}
