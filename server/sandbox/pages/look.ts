import { createHash } from 'node:crypto';
import { Reply } from '#kernel/route.ts';
import { type Html, html } from './html.ts';
import { type Language, languageNames, languages } from './language.ts';
import { type Texts, texts } from './texts.ts';

/** Paper and slate, fjord blue for what can be done. Contrasts are AA or better, light and dark. */
const style = `
:root { color-scheme: light dark; --paper: #f7f5f0; --sheet: #ffffff; --slate: #26323a; --quiet: #55626b; --line: #d5d1c7; --fjord: #1f5a7a; }
@media (prefers-color-scheme: dark) { :root { --paper: #161c20; --sheet: #1f272c; --slate: #e6e3dc; --quiet: #a9b3b9; --line: #3a454c; --fjord: #8fc1dd; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--slate); font: 1.0625rem/1.65 Inter, system-ui, sans-serif; }
header, main { max-width: 48rem; margin: 0 auto; padding: 1.5rem 1.25rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; justify-content: space-between; border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0; padding: 0; list-style: none; }
.name { display: flex; gap: .75rem; align-items: center; margin: 0; font-weight: 650; }
.name span { font-weight: 400; color: var(--quiet); }
.name svg { stroke: var(--slate); }
h1 { font-size: 1.75rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.25rem; line-height: 1.35; margin: 2.25rem 0 .5rem; }
a { color: var(--fjord); text-underline-offset: .2em; }
a:hover { text-decoration-thickness: 2px; }
a[aria-current] { color: var(--slate); font-weight: 650; text-decoration: none; }
:focus-visible { outline: 3px solid var(--fjord); outline-offset: 3px; border-radius: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--sheet); }
.lead, .quiet, dt { color: var(--quiet); }
.caught { margin: 1.5rem 0; padding: 0; list-style: none; }
.caught li { margin: 0 0 .75rem; padding: .9rem 1.1rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; }
.caught a { font-weight: 600; }
.caught p { margin: .15rem 0 0; overflow-wrap: anywhere; }
form { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: end; margin: 1.25rem 0; }
label { display: block; }
input, button { font: inherit; padding: .45rem .75rem; border: 1px solid var(--quiet); border-radius: 4px; background: var(--sheet); color: var(--slate); }
input { width: 20rem; max-width: 100%; }
button { border-color: var(--fjord); color: var(--fjord); font-weight: 600; cursor: pointer; }
pre { margin: .5rem 0 1.25rem; padding: 1rem 1.1rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font: .95rem/1.6 ui-monospace, monospace; }
pre.letter { font-family: inherit; font-size: 1.0625rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; }
dd { margin: 0; overflow-wrap: anywhere; }
form > label, form > p { width: 100%; margin: 0; }
.people { margin: 1rem 0 0; padding: 0; list-style: none; width: 100%; }
.people li { margin: 0 0 .5rem; }
.people button { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; width: 100%; padding: .75rem 1.1rem; text-align: left; border-color: var(--line); border-radius: 6px; }
.people button:hover { border-color: var(--fjord); }
.people span { color: var(--quiet); font-weight: 400; font-variant-numeric: tabular-nums; }
fieldset { width: 100%; margin: 0; padding: 0; border: 0; }
legend { padding: 0; font-weight: 600; }
fieldset label { display: inline-flex; gap: .5rem; align-items: baseline; margin: .25rem 1.5rem .25rem 0; }
input[type=radio] { width: auto; accent-color: var(--fjord); }
iframe { display: none; }
time { font-variant-numeric: tabular-nums; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** Nothing but our own style sheet runs, loads or frames the page, and its forms lead back to it, unless the page says where else. */
function policyOf({ formsLeadTo = [], frames = [] }: Page): string {
  const framed = frames.length === 0 ? '' : ` frame-src ${frames.join(' ')};`;
  const forms = ["'self'", ...formsLeadTo].join(' ');
  return `default-src 'none'; style-src 'sha256-${styleHash}';${framed} form-action ${forms}; base-uri 'none'; frame-ancestors 'none'`;
}

export interface Page {
  readonly language: Language;
  /** Where the page itself is, without the language. */
  readonly path: string;
  readonly title: string;
  readonly body: (t: Texts) => Html;
  readonly status?: number;
  /** `languages`: a step of something, from which nobody should stray. `none`: nor can it be shown anew. */
  readonly ways?: 'languages' | 'none';
  /** Origins that a form may lead to in the end, and origins of frames. */
  readonly formsLeadTo?: readonly string[];
  readonly frames?: readonly string[];
  /** Goes on to this address by itself after two seconds. */
  readonly goesOnTo?: string;
}

/** The whole page in the sandbox's look, with its languages beside its name. No scripts. */
export function pageReply(page: Page): Reply {
  const t = texts[page.language];
  const { markup } = html`<!doctype html>
<html lang="${page.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} – Budstikke</title>
${page.goesOnTo === undefined ? null : html`<meta http-equiv="refresh" content="2;url=${page.goesOnTo}">`}
<style>${{ markup: style }}</style>
</head>
<body>
<a class="skip" href="#main">${t.skip}</a>
<header>
<p class="name">${stick} Budstikke <span>${t.line}</span></p>
${page.ways === undefined ? pagesNav(t, page) : null}
${page.ways === 'none' ? null : languagesNav(t, page)}
</header>
<main id="main" tabindex="-1">
${page.body(t)}
</main>
</body>
</html>
`;
  return new Reply(page.status ?? 200, markup, {
    'content-type': 'text/html; charset=utf-8',
    'content-language': page.language,
    'content-security-policy': policyOf(page),
    'referrer-policy': 'no-referrer',
    vary: 'accept-language',
  });
}

function pagesNav(t: Texts, page: Page): Html {
  return html`<nav aria-label="${t.pages}"><ul>${pages(t).map(({ path, name }) => html`<li><a href="${path}?lang=${page.language}"${current(path === page.path)}>${name}</a></li>`)}</ul></nav>`;
}

function languagesNav(t: Texts, page: Page): Html {
  return html`<nav aria-label="${t.languages}"><ul>${languages.map(
    (language) =>
      html`<li><a href="${page.path}?lang=${language}" lang="${language}" hreflang="${language}"${current(language === page.language)}>${languageNames[language]}</a></li>`,
  )}</ul></nav>`;
}

/** A message stick with its notches; decoration, so that screen readers pass it by. */
const stick = html`<svg width="14" height="30" viewBox="0 0 14 30" fill="none" stroke-width="2" stroke-linecap="round" aria-hidden="true"><path d="M7 2v26M7 8h5M7 14h5M7 20h5"/></svg>`;

function pages(t: Texts) {
  return [
    { path: '/', name: t.front },
    { path: '/outbox', name: t.outbox },
  ];
}

function current(is: boolean): Html | null {
  return is ? html` aria-current="true"` : null;
}
