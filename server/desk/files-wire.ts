import Type, { type Static } from 'typebox';
import type { FileTransferId } from '#kernel/ids.ts';
import { IdOf, Nullable } from '#kernel/schema.ts';
import { NoticeAttempts } from './notices-wire.ts';
import { TimelineEntry } from './wire.ts';

export const FileParams = Type.Object({ fileTransferId: IdOf<FileTransferId>() });

const next = Nullable(Type.String({ description: 'Ask again with `after` set to this for what follows.' }));
const recipient = Nullable(Type.String({ description: 'The organization number of the recipient that it concerns.' }));

export const FileNotices = Type.Object({
  fileTransferId: Type.String({ format: 'uuid' }),
  notices: Type.Array(
    Type.Object({
      ...NoticeAttempts.properties.notices.items.properties,
      recipient,
      together: Type.Boolean({ description: 'It told of other files that waited at the recipient too.' }),
    }),
    { description: 'Oldest first.' },
  ),
  next,
});
export type FileNotices = Static<typeof FileNotices>;

export const FileTimeline = Type.Object({
  fileTransferId: Type.String({ format: 'uuid' }),
  entries: Type.Array(Type.Object({ ...TimelineEntry.properties, recipient }), { description: 'Oldest first.' }),
  next,
});
export type FileTimeline = Static<typeof FileTimeline>;
