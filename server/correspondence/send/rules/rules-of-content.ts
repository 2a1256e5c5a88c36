import { type Refusal, refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../../errors.ts';
import type { Wording } from '../content-hash.ts';
import { dialogAsked, type Facts, isTransmission, type Rule, recipientsOf } from '../facts.ts';
import { isMarkdown, isPlainText } from './text-rules.ts';

export const dueDateMissing: Rule<Facts> = ({ request }) =>
  request.isConfirmationNeeded && request.dueAt === null ? refuse(e.dueDateRequired) : undefined;

export const dueDatePassed: Rule<Facts> = ({ request, now }) =>
  request.dueAt && request.dueAt < now ? refuse(e.dueDateInPast) : undefined;

export const dueDateBeforePublish: Rule<Facts> = ({ request }) =>
  request.dueAt && request.requestedPublishAt && request.dueAt < request.requestedPublishAt ? refuse(e.dueDateBeforePublish) : undefined;

const languages: ReadonlySet<string> = new Set(['nb', 'nn', 'en']);

export const textsUnfit: Rule<Facts> = ({ request }) => wordingUnfit(request);

/** The same in another language is held to the same rules, and is one for each. */
export const translationsUnfit: Rule<Facts> = ({ request: { language, translations } }) => {
  const taken = new Set([language]);
  for (const each of translations) {
    const refusal = wordingUnfit(each);
    if (refusal) return refusal;
    if (taken.has(each.language)) return refuse(e.languageRepeated, { language: each.language });
    taken.add(each.language);
  }
  return undefined;
};

function wordingUnfit({ title, summary, body, language }: Wording): Refusal | undefined {
  if (title.trim() === '') return refuse(e.titleEmpty);
  if (!isPlainText(title)) return refuse(e.titleNotPlainText);
  if (title.length > 255) return refuse(e.titleTooLong);
  if (summary !== null && summary.length > 255) return refuse(e.summaryTooLong);
  if (!isMarkdown(body)) return refuse(e.bodyNotMarkdown);
  if (body.trim() === '') return refuse(e.bodyEmpty);
  if (body.length > 30_000) return refuse(e.bodyTooLong);
  return languages.has(language) ? undefined : refuse(e.invalidLanguage);
}

export const messageSenderNotPlain: Rule<Facts> = ({ request }) =>
  request.messageSender !== null && !isPlainText(request.messageSender) ? refuse(e.messageSenderNotPlainText) : undefined;

export const transmissionTypeUnfit: Rule<Facts> = ({ request }) => {
  const count = (type: string) => request.references.filter((r) => r.referenceType === type).length;
  if (count('DialogportenTransmissionType') > 1) return refuse(e.manyTransmissionTypes);
  const typeAlone = count('DialogportenTransmissionType') > 0 && count('DialogportenDialogId') === 0;
  return typeAlone ? refuse(e.transmissionTypeWithoutDialog) : undefined;
};

/** A message that would stand in a dialog: one of ours, of the same owner and the same recipient. Source: compatibility.md, correspondence, §2.6. */
export const dialogUnfit: Rule<Facts> = (facts) => {
  const { request, dialog, resource } = facts;
  if (!isTransmission(request)) return undefined;
  if (!dialogAsked(request)) return refuse(e.invalidDialogId);
  if (request.recipients.length > 1) return refuse(e.transmissionToMany);
  if (request.replyOptions.length > 0 || request.isConfirmationNeeded) return refuse(e.transmissionWithActions);
  if (!dialog) return refuse(e.dialogNotFound);
  if (dialog.ownerId !== resource?.ownerId) return refuse(e.transmissionOfAnotherOwner);
  return dialog.recipientId === recipientsOf(facts)[0]?.id ? undefined : refuse(e.transmissionToAnotherParty);
};

const wellFormedHttps = /^https:\/\/[^\s<>"{}|\\^`]+$/;

export const replyOptionUnfit: Rule<Facts> = ({ request }) => {
  const unfit = request.replyOptions.some(
    ({ linkURL }) => linkURL.length > 255 || !wellFormedHttps.test(linkURL) || !URL.canParse(linkURL),
  );
  return unfit ? refuse(e.invalidReplyOptions) : undefined;
};
