import { dataTypeOf } from '../attachments/file-name.ts';
import { letterTo, type Wording } from '../send/content-hash.ts';
import type { LinkedAttachment } from '../store/attachment.ts';
import type { StoredLetter } from '../store/letter.ts';
import type { ShownContent, ShownTranslations, ShownWording } from './wire.ts';

const replyHeadings: Readonly<Record<string, string>> = { nb: 'Svarvalg:', nn: 'Svarval:', en: 'Reply options:' };
const replyTexts: Readonly<Record<string, string>> = { nb: 'Gå til tjeneste', nn: 'Gå til teneste', en: 'Go to service' };
/** As many as an inbox has buttons for. */
export const replyButtons = 3;

/** What a sender sees of the content once it is the recipient's. Source: compatibility.md, correspondence, §4.4. */
export const hiddenContent: ShownContent = { language: 'no', messageTitle: '', messageSummary: '', messageBody: '', attachments: [] };

/** Pure. The body as this recipient reads it; reply options for which there is no button follow it. Source: compatibility.md, correspondence, §4.4, §4.10. */
export function bodyTo(letter: StoredLetter, name: string | null): string {
  const { body, replyOptions, language } = letterTo(letter, name);
  if (replyOptions.length <= replyButtons) return body;
  const lines = replyOptions.map((option) => `${replyTextOf(option, language)}: ${option.linkURL}`);
  return [body, '', replyHeadings[language], ...lines].join('\n');
}

/** Pure. What a link is called; one without a text, or with a blank one, by what such links are called. */
export function replyTextOf({ linkText, linkURL }: StoredLetter['replyOptions'][number], language: string): string {
  return linkText?.trim() ? linkText : (replyTexts[language] ?? linkURL);
}

/** Pure. The content as the details show it; the overview has the body with its reply options. */
export function contentTo(letter: StoredLetter, name: string | null, attachments: readonly LinkedAttachment[]): ShownContent {
  const { language, title, summary, body } = letterTo(letter, name);
  return { language, messageTitle: title, messageSummary: summary, messageBody: body, attachments: attachments.map(showAttachment) };
}

/** Pure. All that the letter says to this recipient, in the language that it was sent in and in the others. */
export function translationsTo(letter: StoredLetter, name: string | null): ShownTranslations {
  const show = (wording: Wording): ShownWording => {
    const inItsLanguage = { ...letter, ...wording };
    const { language, title, summary } = letterTo(inItsLanguage, name);
    return { language, messageTitle: title, messageSummary: summary, messageBody: bodyTo(inItsLanguage, name) };
  };
  return { original: show(letter), translations: letter.translations.map(show) };
}

function showAttachment(attachment: LinkedAttachment): ShownContent['attachments'][number] {
  return {
    fileName: attachment.fileName,
    displayName: attachment.displayName,
    isEncrypted: attachment.isEncrypted,
    checksum: attachment.md5 ?? attachment.declaredMd5,
    sendersReference: attachment.sendersReference,
    id: attachment.id,
    dataLocationType: 'AltinnCorrespondenceAttachment',
    created: attachment.createdAt.toISOString(),
    status: attachment.state,
    statusText: attachment.statusText,
    statusChanged: attachment.statusChanged.toISOString(),
    expirationTime: attachment.expiresAt?.toISOString() ?? null,
    dataType: dataTypeOf(attachment.fileName),
  };
}
