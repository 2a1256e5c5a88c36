import { type DialogFile, type DialogPart, zippedBytes } from '#correspondence/index.ts';
import { partId } from '../derived-ids.ts';
import type { ApiAction, Attachment, GuiAction } from '../wire/parts.ts';
import { dialogTexts, inAll } from './texts.ts';

/** Pure. Where a message is read. */
export function addressOf(publicUrl: string, { message }: DialogPart): string {
  return `${publicUrl.replace(/\/+$/, '')}/correspondence/api/v1/correspondence/${message.id}`;
}

/** Pure. The files of a message, all as one first where there are several. Source: compatibility.md, correspondence, §4.10. */
export function attachmentsOf(address: string, part: DialogPart, files: readonly DialogFile[]): Attachment[] {
  const { id } = part.message;
  const single = files.map((file): Attachment => {
    const url = { id: partId(id, `url ${file.id}`), url: `${address}/attachment/${file.id}/download`, mediaType: file.mediaType };
    return {
      id: file.id,
      displayName: [{ languageCode: part.language, value: file.displayName ?? file.fileName }],
      name: file.fileName,
      urls: [{ ...url, consumerType: 'Gui' }],
      expiresAt: file.expiresAt?.toISOString() ?? null,
    };
  });
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (files.length < 2 || sizeBytes >= zippedBytes) return single;
  const url = { id: partId(id, 'url all'), url: `${address}/attachments/downloadall`, mediaType: 'application/zip' };
  const displayName = inAll(dialogTexts.allAttachments);
  return [{ id: partId(id, 'all'), displayName, name: null, urls: [{ ...url, consumerType: 'Gui' }], expiresAt: null }, ...single];
}

/** Pure. What a system may call. Those who may read may do all of it, as the operations themselves ask no more. */
export function apiActionsOf(address: string, part: DialogPart, files: readonly DialogFile[]): ApiAction[] {
  const { message } = part;
  const action = (name: string, right: 'read' | 'write', endpoint: { method: 'GET' | 'POST' | 'DELETE'; url: string }): ApiAction => ({
    id: partId(message.id, `${name} ${endpoint.url}`),
    action: right,
    authorizationAttribute: null,
    isAuthorized: true,
    name,
    endpoints: [
      {
        id: partId(message.id, `endpoint ${name} ${endpoint.url}`),
        version: null,
        url: endpoint.url,
        httpMethod: endpoint.method,
        documentationUrl: null,
        requestSchema: null,
        responseSchema: null,
        deprecated: false,
        sunsetAt: null,
      },
    ],
  });
  const confirm = action('confirmCorrespondence', 'write', { method: 'POST', url: `${address}/confirm` });
  return [
    action('getCorrespondence', 'read', { method: 'GET', url: address }),
    ...(isToDelete(part) ? [action('purgeCorrespondence', 'write', { method: 'DELETE', url: `${address}/purge` })] : []),
    ...(isToConfirm(part) ? [confirm] : []),
    ...files.map(({ id }) =>
      action('downloadCorrespondenceAttachment', 'read', { method: 'GET', url: `${address}/attachment/${id}/download` }),
    ),
  ];
}

/** Pure. The buttons: confirm while it is asked for, the sender's ways to reply, and delete where it stands in no other dialog. */
export function guiActionsOf(address: string, part: DialogPart): GuiAction[] {
  const { message, language, replyOptions } = part;
  const common = { authorizationAttribute: null, isAuthorized: true, isDeleteDialogAction: false, prompt: null };
  const confirm: GuiAction = {
    ...common,
    id: partId(message.id, 'confirm'),
    action: 'write',
    url: `${address}/confirm`,
    priority: 'Primary',
    httpMethod: 'POST',
    title: inAll(dialogTexts.confirm),
  };
  const remove: GuiAction = {
    ...common,
    id: partId(message.id, 'delete'),
    action: 'write',
    url: `${address}/purge`,
    isDeleteDialogAction: true,
    priority: 'Tertiary',
    httpMethod: 'DELETE',
    title: inAll(dialogTexts.delete),
    prompt: inAll(dialogTexts.deletePrompt),
  };
  return [
    ...(isToConfirm(part) ? [confirm] : []),
    ...replyOptions.map(
      ({ url, text }, i): GuiAction => ({
        ...common,
        id: partId(message.id, `reply ${i}`),
        action: 'read',
        url,
        priority: 'Tertiary',
        httpMethod: 'GET',
        title: [{ languageCode: language, value: text }],
      }),
    ),
    ...(isToDelete(part) ? [remove] : []),
  ];
}

function isToConfirm({ message }: DialogPart): boolean {
  return message.isConfirmationNeeded && message.confirmedAt === null;
}

/** What stands in the dialog of another goes with it, and is deleted by nobody alone. Source: compatibility.md, correspondence, §4.7. */
function isToDelete({ message }: DialogPart): boolean {
  return message.transmissionOf === null;
}
