import Type, { type Static } from 'typebox';
import { Enumeration, Nullable, personal, Timestamp } from '#kernel/schema.ts';
import { resourceTypes } from '../resource.ts';

const Short = Type.String({ maxLength: 500 });
const Long = Type.String({ maxLength: 10_000 });
const optional = <T extends Parameters<typeof Nullable>[0]>(schema: T) => Type.Optional(Nullable(schema));

/** Names and texts in the three languages that a resource must have. */
const Title = Type.Object({
  nb: Type.String({ minLength: 1, maxLength: 500 }),
  nn: Type.String({ minLength: 1, maxLength: 500 }),
  en: Type.String({ minLength: 1, maxLength: 500 }),
});
const Texts = Type.Object({ nb: Long, nn: Long, en: Long });
const Names = Type.Object({ nb: Type.Optional(Short), nn: Type.Optional(Short), en: Type.Optional(Short) });

/** A service owner's own address, not a person's; marked all the same, since some write their own name. */
const ContactPoint = Type.Object({
  category: optional(personal(Short)),
  email: optional(personal(Short)),
  telephone: optional(personal(Short)),
  contactPage: optional(Short),
});

const Reference = Type.Object({
  referenceSource: optional(Enumeration('ReferenceSource', { Default: 0, Altinn1: 1, Altinn2: 2, Altinn3: 3, ExternalPlatform: 4 })),
  reference: optional(Short),
  referenceType: optional(
    Enumeration('ReferenceType', {
      Default: 0,
      Uri: 1,
      DelegationSchemeId: 2,
      MaskinportenScope: 3,
      ServiceCode: 4,
      ServiceEditionCode: 5,
      ApplicationId: 6,
      ServiceEditionVersion: 7,
    }),
  ),
});

/** What Budstikke asks of a resource beside what the original does. */
export const OwnMembers = Type.Object({
  /** What becomes of post that nobody can open and nobody can be given. `accept`: it is taken, and escalates from the first day. */
  unreachable: Type.Optional(Type.Enum(['accept', 'refuse', 'fallback'])),
  /** Of `fallback`: organization number of whoever hears of such post. */
  fallbackParty: optional(Type.String({ pattern: '^\\d{9}$' })),
  /** For how many days the bytes of what nobody has opened or fetched outlive their time, while the sender has not decided; 90 when left out. */
  keepUnreadDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
  /** A letter that a system has fetched lies there until a person opens it. Not of a BrokerService. */
  demandsPerson: Type.Optional(Type.Boolean()),
});

/** A resource as service owners write it. Source: compatibility.md, platform, §2.8. */
export const ResourceDocument = Type.Object({
  identifier: Type.String({ minLength: 1, maxLength: 200 }),
  version: optional(Short),
  title: Title,
  description: Texts,
  rightDescription: optional(Texts),
  homepage: optional(Short),
  status: optional(Short),
  spatial: optional(Type.Array(Short, { maxItems: 100 })),
  contactPoints: Type.Array(ContactPoint, { maxItems: 100 }),
  produces: optional(Type.Array(Short, { maxItems: 100 })),
  isPartOf: optional(Short),
  thematicAreas: optional(Type.Array(Short, { maxItems: 100 })),
  resourceReferences: optional(Type.Array(Reference, { maxItems: 100 })),
  delegable: Type.Optional(Type.Boolean()),
  visible: Type.Optional(Type.Boolean()),
  hasCompetentAuthority: Type.Object({
    organization: Type.String({ pattern: '^\\d{9}$' }),
    orgcode: optional(Short),
    name: optional(Names),
  }),
  keywords: optional(Type.Array(Type.Object({ word: optional(Short), language: optional(Short) }), { maxItems: 500 })),
  accessListMode: Type.Optional(Enumeration('ResourceAccessListMode', { Disabled: 0, Enabled: 1 })),
  selfIdentifiedUserEnabled: Type.Optional(Type.Boolean()),
  enterpriseUserEnabled: Type.Optional(Type.Boolean()),
  resourceType: Enumeration('ResourceType', resourceTypes),
  availableForType: optional(
    Type.Array(
      Enumeration('ResourcePartyType', {
        PrivatePerson: 0,
        LegalEntityEnterprise: 1,
        Company: 2,
        BankruptcyEstate: 3,
        SelfRegisteredUser: 4,
      }),
      { maxItems: 20 },
    ),
  ),
  consentTemplate: optional(Short),
  consentText: optional(Type.Record(Type.String(), Long, { maxProperties: 20 })),
  consentMetadata: optional(Type.Record(Type.String(), Type.Object({ optional: Type.Optional(Type.Boolean()) }), { maxProperties: 200 })),
  isOneTimeConsent: Type.Optional(Type.Boolean()),
  budstikke: optional(OwnMembers),
});
export type ResourceDocument = Static<typeof ResourceDocument>;

const Attribute = Type.Object({ type: Type.String(), value: Type.String() });

/** A resource as it is shown: what was written, and what follows from it. */
export const ShownResource = Type.Record(Type.String(), Type.Unknown(), {
  description: 'The document as it was written, with versionId, authorizationReference and the defaults of what was left out.',
});
export const ShownResources = Type.Array(Type.Record(Type.String(), Type.Unknown()));

export const ResourceParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 255 }) });
export const VersionQuery = Type.Object({ versionId: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000_000_000 })) });

export const SearchQuery = Type.Object({
  id: Type.Optional(Short),
  title: Type.Optional(Short),
  description: Type.Optional(Short),
  resourceType: Type.Optional(Enumeration('ResourceType', resourceTypes)),
  keyword: Type.Optional(Short),
});
export type SearchQuery = Static<typeof SearchQuery>;

const Links = Type.Object({ next: Nullable(Type.String()) });
const NamedAttribute = Type.Object({ type: Type.String(), value: Type.String(), urn: Type.String() });

export const PolicySubjects = Type.Object({ links: Links, data: Type.Array(NamedAttribute) });
export const PolicyRules = Type.Array(Type.Object({ subject: Type.Array(Attribute), action: Attribute, resource: Type.Array(Attribute) }));
export const PolicyRights = Type.Array(
  Type.Object({
    action: Attribute,
    resource: Type.Array(Attribute),
    subjects: Type.Array(Type.Object({ subjectAttributes: Type.Array(Attribute) })),
    rightKey: Type.String(),
  }),
);

export const SubjectUrns = Type.Array(personal(Type.String({ minLength: 1, maxLength: 500 })), { maxItems: 500 });
export const ResourcesBySubject = Type.Object({
  links: Links,
  data: Type.Array(Type.Object({ subject: NamedAttribute, resources: Type.Array(NamedAttribute) })),
});

const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 }));
const token = Type.Optional(Type.String({ maxLength: 2000 }));
export const SubjectsQuery = Type.Object({ token });
export const UpdatedQuery = Type.Object({ since: Type.Optional(Timestamp), token, limit });
export type UpdatedQuery = Static<typeof UpdatedQuery>;
export const ChangesQuery = Type.Object({ token, limit });
export type ChangesQuery = Static<typeof ChangesQuery>;

export const UpdatedSubjects = Type.Object({
  links: Links,
  data: Type.Array(Type.Object({ resourceUrn: Type.String(), subjectUrn: Type.String(), updatedAt: Timestamp, deleted: Type.Boolean() })),
});
export const ChangedResources = Type.Object({
  links: Links,
  data: Type.Array(
    Type.Object({
      resourceUrn: Type.String(),
      identifier: Type.String(),
      versionId: Type.Integer(),
      policyVersion: Type.Integer(),
      updatedAt: Timestamp,
      deleted: Type.Boolean(),
    }),
  ),
});

export const Orgs = Type.Object({
  orgs: Type.Record(
    Type.String(),
    Type.Object({ name: Type.Record(Type.String(), Type.String()), orgnr: Type.String(), environments: Type.Array(Type.String()) }),
  ),
});

export const PolicyForm = Type.Object({ policyFile: Type.Optional(Type.String()) });
