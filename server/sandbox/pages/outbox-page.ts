import type { Reader } from '#kernel/database.ts';
import type { Reply } from '#kernel/route.ts';
import { type Caught, type CaughtFilter, findCaught, listCaught } from '../outbox/store.ts';
import { type Html, html, withLinks } from './html.ts';
import type { Language } from './language.ts';
import { pageReply } from './look.ts';
import { type Texts, texts } from './texts.ts';

const perPage = 50;

/** The outbox for people: what was caught, newest first, fifty at a time, where wished for one address only. */
export async function outboxPage(reader: Reader, language: Language, filter: Pick<CaughtFilter, 'address' | 'before'>): Promise<Reply> {
  const found = await listCaught(reader, { ...filter, limit: perPage + 1 });
  const shown = found.slice(0, perPage);
  const older = found.length > perPage ? shown.at(-1)!.id : null;
  return pageReply({
    language,
    path: '/outbox',
    title: texts[language].outbox,
    body: (t) => html`<h1>${t.outbox}</h1>
<p class="lead">${t.outboxLead}</p>
${filterForm(t, language, filter.address)}
${shown.length === 0 ? emptyState(t, filter.address) : html`<ol class="caught">${shown.map((caught) => row(t, language, caught))}</ol>`}
<p><a href="${address(language, { address: filter.address })}">${t.reload}</a></p>
${older === null ? null : html`<p><a rel="next" href="${address(language, { address: filter.address, before: older })}">${t.older}</a></p>`}`,
  });
}

/** One mail or SMS with its whole text. */
export async function caughtPage(reader: Reader, language: Language, id: string): Promise<Reply> {
  const caught = await findCaught(reader, id);
  const t = texts[language];
  const path = `/outbox/${id}`;
  if (!caught) return pageReply({ language, path, title: t.missing, status: 404, body: () => missing(t, language) });
  return pageReply({
    language,
    path,
    title: titleOf(t, caught),
    body: () => html`<p><a href="${address(language, {})}">${t.back}</a></p>
<h1>${titleOf(t, caught)}</h1>
<dl>
<dt>${t.channel}</dt><dd>${t[caught.channel]}</dd>
<dt>${t.to}</dt><dd>${caught.address}</dd>
<dt>${t.from}</dt><dd>${caught.sender}</dd>
<dt>${t.caughtAt}</dt><dd>${timeOf(language, caught)}</dd>
<dt>${t.messageId}</dt><dd>${caught.messageId}</dd>
</dl>
<pre class="letter">${withLinks(caught.body)}</pre>`,
  });
}

function filterForm(t: Texts, language: Language, wished: string | undefined): Html {
  return html`<form method="get" action="/outbox">
<input type="hidden" name="lang" value="${language}">
<div><label for="address">${t.filter}</label><input id="address" name="address" type="text" maxlength="320" autocomplete="off" value="${wished ?? ''}"></div>
<button type="submit">${t.show}</button>
${wished ? html`<a href="${address(language, {})}">${t.showAll}</a>` : null}
</form>`;
}

function row(t: Texts, language: Language, caught: Caught): Html {
  return html`<li><a href="/outbox/${caught.id}?lang=${language}">${titleOf(t, caught)}</a>
<p class="quiet">${t[caught.channel]} · ${t.to} ${caught.address} · ${timeOf(language, caught)}</p></li>`;
}

function emptyState(t: Texts, wished: string | undefined): Html {
  return wished ? html`<p>${t.emptyFor(wished)}</p>` : html`<p>${t.empty} ${t.emptyNext}</p>`;
}

function missing(t: Texts, language: Language): Html {
  return html`<h1>${t.missing}</h1><p>${t.missingNext} <a href="${address(language, {})}">${t.back}</a></p>`;
}

const titleLength = 80;

/** The subject; of an SMS the beginning of its text. */
function titleOf(t: Texts, caught: Caught): string {
  const title = (caught.channel === 'email' ? caught.subject : caught.body)?.trim() || t.noSubject;
  return title.length > titleLength ? `${[...title].slice(0, titleLength).join('')}…` : title;
}

function timeOf(language: Language, caught: Caught): Html {
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : `${language}-NO`, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: 'Europe/Oslo',
  });
  return html`<time datetime="${caught.caughtAt.toISOString()}">${format.format(caught.caughtAt)}</time>`;
}

function address(language: Language, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return `/outbox?${new URLSearchParams([['lang', language], ...given])}`;
}
