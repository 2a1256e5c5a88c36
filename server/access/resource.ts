import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Rule } from './policy.ts';
import type { Shorthand } from './shorthand.ts';

/** Every type that the registry knows; the numbers are ours, for clients that send them. Source: compatibility.md, platform, §2.8. */
export const resourceTypes = {
  Default: 0,
  Systemresource: 1,
  MaskinportenSchema: 2,
  Altinn2Service: 4,
  AltinnApp: 8,
  GenericAccessResource: 16,
  BrokerService: 32,
  CorrespondenceService: 64,
  Consent: 128,
  MigratedApp: 256,
} as const;
export type ResourceType = keyof typeof resourceTypes;

/** What becomes of post that nobody can open and nobody can be given; `fallback`: it is accepted and another party hears of it. */
export const unreachableChoices = ['accept', 'refuse', 'fallback'] as const;
export type Unreachable = (typeof unreachableChoices)[number];

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
  /** What a system fetches waits for a person all the same. Of letters only. */
  readonly demandsPerson: boolean;
  /** The lowest level of login, 0 to 4. */
  readonly minLevel: number;
  /** Only the organizations in this list may receive. */
  readonly accessList: string | null;
  readonly ladder: string;
  /** What becomes of post that nobody can open and nobody can be given. */
  readonly unreachable: Unreachable;
  /** Who hears of it, where `unreachable` is `fallback`. */
  readonly fallback: PartyId | null;
  /** Access packages that its rules name. */
  readonly packages: readonly string[];
  /** Limits and times of a BrokerService. */
  readonly broker: Readonly<Record<string, unknown>> | null;
  readonly policyVersion: number;
  /** Resources of one class ask the same of a reader. */
  readonly policyClass: string;
  readonly implicit: boolean;
  /** Only organizations in lists that are connected to it may receive. */
  readonly listsEnabled: boolean;
  /** It takes no new post. What was sent on it stays as open as it was. */
  readonly deletedAt: Date | null;
  readonly updatedAt: Date;
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
  /** `refuse` for confidential post and `accept` for other when left out. */
  readonly unreachable?: Unreachable;
  readonly fallback?: PartyId | null;
  readonly demandsPerson?: boolean;
  readonly broker?: Readonly<Record<string, unknown>> | null;
  readonly implicit?: boolean;
}
