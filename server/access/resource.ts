import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Rule } from './policy.ts';
import type { Shorthand } from './shorthand.ts';

export type ResourceType = 'CorrespondenceService' | 'BrokerService' | 'GenericAccessResource' | 'AltinnApp';

export interface Texts {
  readonly nb: string;
  readonly nn: string;
  readonly en: string;
}

/** What a policy speaks of: carries who may send and who may open. */
export interface Resource {
  readonly id: ResourceId;
  readonly type: ResourceType;
  readonly ownerId: PartyId;
  readonly ownerNumber: string;
  readonly title: Texts;
  /** Follows from its readers: nobody has it by role. */
  readonly confidential: boolean;
  /** Keeps the original's weaker check at sending (compatibility.md, correspondence, §2.1 B11). */
  readonly strictAltinn: boolean;
  /** The lowest level of login, 0 to 4. */
  readonly minLevel: number;
  /** Only the organizations in this list may receive. */
  readonly accessList: string | null;
  readonly ladder: string;
  /** What becomes of post that nobody can open and nobody can be given. */
  readonly unreachable: 'accept' | 'refuse' | 'fallback';
  /** Access packages that its rules name. */
  readonly packages: readonly string[];
  /** Limits and times of a BrokerService. */
  readonly broker: Readonly<Record<string, unknown>> | null;
  readonly policyVersion: number;
  /** Resources of one class ask the same of a reader. */
  readonly policyClass: string;
  readonly implicit: boolean;
}

/** A resource to be stored, whole: members left out take their defaults. The key is `id`. */
export interface SaveResource {
  readonly id: ResourceId;
  readonly type: ResourceType;
  readonly owner: PartyId;
  readonly title: Texts;
  readonly senders?: Shorthand['senders'];
  readonly readers?: readonly string[];
  /** Instead of senders and readers. */
  readonly rules?: readonly Rule[];
  /** Instead of senders, readers and rules: a policy in XACML. It may ask for a higher level than `minLevel`. */
  readonly policyXml?: string;
  /** Refused when it contradicts the readers. */
  readonly confidential?: boolean;
  readonly strictAltinn?: boolean;
  readonly minLevel?: number;
  readonly accessList?: string | null;
  /** `confidential` for confidential post and `ordinary` for other when left out. */
  readonly ladder?: string;
  readonly unreachable?: Resource['unreachable'];
  readonly broker?: Readonly<Record<string, unknown>> | null;
  readonly implicit?: boolean;
}
