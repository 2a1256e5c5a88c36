import createDOMPurify, { type Config } from 'dompurify';
import { Marked } from 'marked';

const purify = createDOMPurify(window);
const marked = new Marked({ gfm: true, breaks: true, async: false });
// HTML of the sender's own is shown as what it is, text: it may hold nothing that acts, and then it need not be parsed.
marked.use({ renderer: { html: ({ text }) => (/^<br\s*\/?>$/i.test(text.trim()) ? '<br>' : asText(text)) } });

function asText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/**
 * Marks that turn the direction of the text that follows. Text in Arabic or Hebrew needs none of them; the marks that such running text
 * does use between words and numbers (U+200E, U+200F, U+061C) stay, unlike in names (ui/plainly.ts).
 */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;

const config: Config = {
  ALLOWED_TAGS: [
    'p',
    'br',
    'hr',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'strong',
    'em',
    'del',
    'ul',
    'ol',
    'li',
    'a',
    'blockquote',
    'code',
    'pre',
    'table',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
  ],
  ALLOWED_ATTR: ['href', 'start', 'title'],
  ALLOWED_URI_REGEXP: /^(?:https:|mailto:|tel:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** Headings of a letter begin below the page's own. */
const lowered: Readonly<Record<string, string>> = { H1: 'h2', H2: 'h3', H3: 'h4', H4: 'h5', H5: 'h6' };

purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  if (!node.hasAttribute('href')) return;
  node.setAttribute('rel', 'noopener noreferrer nofollow');
  if (node.getAttribute('href')?.toLowerCase().startsWith('https:')) node.setAttribute('target', '_blank');
});

/**
 * Markdown from a sender as markup that can do nothing: text, lists, tables, and links by https, mail and telephone.
 * No images (who opens is not told to anybody), no HTML that acts, no style, no marks that turn text around.
 */
export function safeMarkup(text: string): string {
  const html = marked.parse(text) as string;
  const fragment = purify.sanitize(html, { ...config, RETURN_DOM_FRAGMENT: true }) as unknown as DocumentFragment;
  straighten(fragment);
  for (const link of fragment.querySelectorAll<HTMLAnchorElement>('a[href]')) nameTheHost(link);
  for (const heading of fragment.querySelectorAll('h1, h2, h3, h4, h5')) lower(heading);
  const holder = document.createElement('div');
  holder.append(fragment);
  return holder.innerHTML;
}

/** Once entities have become what they stand for: `&#x202e;` turns text as the mark itself does. */
function straighten(fragment: DocumentFragment): void {
  const texts = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.nodeValue = texts.currentNode.nodeValue!.replace(turning, '');
  for (const link of fragment.querySelectorAll('[title]')) link.setAttribute('title', link.getAttribute('title')!.replace(turning, ''));
}

/** A link that reads as an address and leads to another says where it leads: `skatt.no (ond.example)`. */
function nameTheHost(link: HTMLAnchorElement): void {
  const said = /^(?:https?:\/\/)?(?:www\.)?([\p{L}\d-]+(?:\.[\p{L}\d-]+)+)/iu.exec(link.textContent.trim())?.[1]?.toLowerCase();
  const host = link.protocol === 'https:' ? link.hostname.replace(/^www\./, '') : undefined;
  if (said !== undefined && host !== undefined && said !== host && !host.endsWith(`.${said}`)) link.after(` (${link.hostname})`);
}

function lower(heading: Element): void {
  const lowerOne = document.createElement(lowered[heading.tagName]!);
  lowerOne.append(...heading.childNodes);
  heading.replaceWith(lowerOne);
}
