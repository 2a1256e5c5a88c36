import type { Reply } from '#kernel/route.ts';
import demo from '../towns/demo.json' with { type: 'json' };
import { type Html, html } from './html.ts';
import type { Language } from './language.ts';
import { pageReply } from './look.ts';
import { type Texts, texts } from './texts.ts';

/** Where a newcomer to the sandbox begins: its addresses, and how to get a token. The numbers are the demo town's. */
export function frontPage(language: Language, publicUrl: string): Reply {
  return pageReply({
    language,
    path: '/',
    title: texts[language].front,
    body: (t) => html`<h1>${t.front}</h1>
<p class="lead">${t.frontLead}</p>
<h2>${t.addresses}</h2>
<ul>${addresses(t).map(({ path, name, about }) => html`<li><a href="${path}">${name}</a>: ${about}</li>`)}</ul>
<h2>${t.tokens}</h2>
<p>${t.tokensLead}</p>
${example(t.tokenOfSender, `curl "${publicUrl}/api/GetEnterpriseToken?env=tt02&orgNo=${numberOf('Skatteetaten')}&scopes=altinn:serviceowner,altinn:correspondence.write"`)}
${example(t.tokenOfPerson, `curl "${publicUrl}/api/GetPersonalToken?env=tt02&pid=${numberOf('Ola Nordmann')}&scopes=altinn:portal/enduser,altinn:correspondence.read"`)}
${example(t.tokenOfSystem, `curl "${publicUrl}/api/GetEnterpriseToken?env=tt02&orgNo=${numberOf('Lerkedal kommune')}&scopes=altinn:correspondence.read"`)}
<h2>${t.town}</h2>
${example(t.townLead, `curl -X POST ${publicUrl}/budstikke/v1/sandbox/seed -H "Content-Type: application/json" --data-binary @town.json`)}`,
  });
}

/** Of one who lives in the demo's town. */
function numberOf(name: string): string {
  const party = demo.parties.find((one) => one.name === name);
  if (!party) throw new Error(`${name} does not live in the demo's town`);
  return party.number;
}

function addresses(t: Texts) {
  return [
    { path: '/outbox', name: t.outbox, about: t.outboxAbout },
    { path: '/docs', name: t.docs, about: t.docsAbout },
    { path: '/openapi.json', name: t.openapi, about: t.openapiAbout },
    { path: '/health', name: t.health, about: t.healthAbout },
  ];
}

function example(what: string, command: string): Html {
  return html`<p>${what}</p>
<pre>${command}</pre>`;
}
