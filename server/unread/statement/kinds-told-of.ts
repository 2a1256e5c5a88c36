import { type PostKind, postKinds } from '../policies.ts';
import type { Counts, Statement } from './compose-statement.ts';

/** Pure. Of which kinds of post a statement tells anything at all. */
export function kindsToldOf({ messages, files, acceptedMessages, acceptedFiles, forAnother, timeToOpen }: Statement): PostKind[] {
  const published = timeToOpen?.published ?? 0;
  const told: Readonly<Record<PostKind, boolean>> = {
    message:
      tells(messages) ||
      acceptedMessages > 0 ||
      (forAnother !== undefined && (tells(forAnother) || forAnother.acceptedMessages > 0)) ||
      published > (timeToOpen?.publishedFiles ?? 0),
    file: tells(files) || (acceptedFiles ?? 0) > 0 || (timeToOpen?.publishedFiles ?? published) > 0,
  };
  return postKinds.filter((kind) => told[kind]);
}

const tells = ({ stock, closedBy, acts }: Counts): boolean =>
  [stock, closedBy, acts].some((part) => Object.values(part).some((n) => n > 0));
