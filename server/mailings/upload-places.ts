import type { PartyId } from '#kernel/ids.ts';
import { Overloaded } from '#kernel/overloaded.ts';

/** Places for uploads under way in this process. */
export interface UploadPlaces {
  /** Takes a place and gives the way to leave it. Overloaded when there is none for this sender. */
  enter(sender: PartyId): () => void;
}

/**
 * `most` places, of which one sender has `mostOfOne` at most, and a second one only while more than half of all are free: the last
 * places are for those who have none, so that a few senders cannot shut the door on others.
 */
export function createUploadPlaces({ most, mostOfOne }: { readonly most: number; readonly mostOfOne: number }): UploadPlaces {
  /** A sender stands in it once for each upload. */
  const underWay: PartyId[] = [];
  return {
    enter(sender) {
      const itsOwn = underWay.filter((each) => each === sender).length;
      const mayHaveMore = itsOwn === 0 || (itsOwn < mostOfOne && underWay.length < most / 2);
      if (underWay.length >= most || !mayHaveMore) throw new Overloaded(5);
      underWay.push(sender);
      return () => void underWay.splice(underWay.indexOf(sender), 1);
    },
  };
}
