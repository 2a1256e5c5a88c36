import createDOMPurify, { type Config } from 'dompurify';
import { Marked } from 'marked';
import { isLaborious } from '../../server/kernel/laborious.ts';
import { plainly } from '../ui/plainly.ts';
import { placeBehind } from './place-behind.ts';

/** Above this a letter is shown as it was written: to make a megabyte beautiful would stop the browser. */
const longestMarkup = 60_000;

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
/** Signs that nobody sees, and that no language needs: with one in it a name is not the name that it looks like. */
const unseen = /[\u200b\u2060\ufeff]/g;

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
  ALLOWED_ATTR: ['href', 'start'],
  ALLOWED_URI_REGEXP: /^(?:https:|mailto:|tel:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  if (!node.hasAttribute('href')) return;
  node.setAttribute('rel', 'noopener noreferrer nofollow');
  if (node.getAttribute('href')?.toLowerCase().startsWith('https:')) node.setAttribute('target', '_blank');
});

/**
 * Markdown from a sender as markup that can do nothing: text, lists, tables, and links by https, mail and telephone.
 * No images (who opens is not told to anybody), no HTML that acts, no style, no marks that turn text around. Null for what would keep
 * the browser busy or break the parser: a letter that counts as opened must be there to be read, if only as it was written.
 */
export function safeMarkup(text: string): string | null {
  if (text.length > longestMarkup || isLaborious(text)) return null;
  try {
    return markupOf(text);
  } catch {
    return null;
  }
}

function markupOf(text: string): string {
  const html = marked.parse(text) as string;
  const fragment = purify.sanitize(html, { ...config, RETURN_DOM_FRAGMENT: true }) as unknown as DocumentFragment;
  straighten(fragment);
  for (const link of fragment.querySelectorAll<HTMLAnchorElement>('a[href]')) nameThePlace(link);
  lower([...fragment.querySelectorAll('h1, h2, h3, h4, h5, h6')]);
  const holder = document.createElement('div');
  holder.append(fragment);
  return holder.innerHTML;
}

/** Once entities have become what they stand for: `&#x202e;` turns text as the mark itself does. */
function straighten(fragment: DocumentFragment): void {
  const texts = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.nodeValue = texts.currentNode.nodeValue!.replace(turning, '').replace(unseen, '');
}

/** A link whose text is not the very place that it leads to says where that is: `Logg inn (ond.example)`. */
function nameThePlace(link: HTMLAnchorElement): void {
  const place = placeBehind(link.href, link.textContent);
  if (place !== null) link.after(` (${plainly(place, 260)})`);
}

/** Headings of a letter begin below the page's own, and no level is passed over, whichever the sender began with. */
function lower(headings: readonly Element[]): void {
  const levels = [...new Set(headings.map(({ tagName }) => tagName))].sort();
  let before = 1;
  for (const heading of headings) {
    before = Math.min(levels.indexOf(heading.tagName) + 2, before + 1, 6);
    const lowered = document.createElement(`h${before}`);
    lowered.append(...heading.childNodes);
    heading.replaceWith(lowered);
  }
}
