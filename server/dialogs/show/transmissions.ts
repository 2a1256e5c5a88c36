import { dialogIdOf } from '#correspondence/index.ts';
import type { Item } from '../gather-dialog.ts';
import { transmissionTypes } from '../wire/enums.ts';
import type { Transmission } from '../wire/parts.ts';
import { addressOf, attachmentsOf } from './actions.ts';
import { serviceOwner } from './actors.ts';
import { embedded, plain } from './texts.ts';

type TypeName = keyof typeof transmissionTypes;

/** Pure. A message that stands in the dialog of another. Source: compatibility.md, correspondence, §2.6. */
export function transmissionOf(publicUrl: string, { part, files }: Item): Transmission {
  const { message, title, summary, language, sendersReference } = part;
  const address = addressOf(publicUrl, part);
  return {
    id: dialogIdOf(message.id),
    createdAt: message.publishedAt!.toISOString(),
    authorizationAttribute: null,
    isAuthorized: true,
    extendedType: null,
    externalReference: sendersReference,
    relatedTransmissionId: null,
    type: typeOf(message.externalReferences),
    sender: serviceOwner,
    isOpened: message.openedAt !== null,
    content: {
      title: plain(language, title),
      summary: summary === null ? null : plain(language, summary),
      contentReference: embedded(language, `${address}/content`),
    },
    attachments: attachmentsOf(address, part, files),
    navigationalActions: [],
  };
}

/** In any case, and information where the sender has said nothing. */
function typeOf(references: Item['part']['message']['externalReferences']): TypeName {
  const given = references.find(({ referenceType }) => referenceType === 'DialogportenTransmissionType')?.referenceValue.toLowerCase();
  const names = Object.keys(transmissionTypes) as TypeName[];
  return names.find((name) => name.toLowerCase() === given) ?? 'Information';
}
