import Type, { type Static, type TProperties } from 'typebox';
import { personal } from '#kernel/schema.ts';

/** Members that nobody knows are refused by name: a misspelt one must not count as left out. */
function strict<T extends TProperties>(properties: T, description: string) {
  return Type.Object(properties, { additionalProperties: false, description });
}

const OrganizationNumber = Type.String({ pattern: '^\\d{9}$', description: 'Organization number.' });
const PartyNumber = Type.String({ pattern: '^(\\d{9}|\\d{11})$', description: 'Organization number, or national identity number.' });
const ResourceCode = Type.String({ pattern: '^[A-Za-z0-9_.-]{2,200}$' });
const Code = Type.String({ pattern: '^[A-Za-z0-9_.-]{1,200}$' });
/** On one line: names stand in subjects of e-mails and in letters. */
const Name = Type.String({ minLength: 1, maxLength: 500, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$' });
const Action = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.:-]{0,99}$' });
const PackageCode = Type.String({ pattern: '^[a-z0-9-]+$', description: 'Code of an access package, without its URN.' });

const ContactPoint = strict(
  {
    channel: Type.Enum(['email', 'sms']),
    address: personal(Type.String({ minLength: 3, maxLength: 320, description: 'E-mail address, or telephone number as +4799999999.' })),
    verified: Type.Optional(
      Type.String({
        format: 'date',
        description: 'When its owner last confirmed it; else it counts from when it comes in. Stale after 18 months.',
      }),
    ),
  },
  'Where a party is told that there is post.',
);

const Party = strict(
  {
    kind: Type.Enum(['organization', 'person']),
    number: personal(PartyNumber),
    name: personal(Name),
    orgCode: Type.Optional(Type.String({ pattern: '^[a-z0-9_-]{1,50}$', description: 'Short name of a service owner.' })),
    unitType: Type.Optional(Type.String({ pattern: '^[A-Z0-9]{2,10}$', description: 'AS, KOMM, ORGL, BEDR …' })),
    parent: Type.Optional(Type.Union([OrganizationNumber, Type.Null()], { description: 'Of a subunit: its main unit.' })),
    language: Type.Optional(Type.Enum(['nb', 'nn', 'en'])),
    reserved: Type.Optional(Type.Boolean({ description: 'Has said no to digital post.' })),
    lastLogin: Type.Optional(Type.String({ format: 'date' })),
    died: Type.Optional(Type.Union([Type.String({ format: 'date' }), Type.Null()], { description: 'Of a person.' })),
    deregistered: Type.Optional(Type.Union([Type.String({ format: 'date' }), Type.Null()], { description: 'Of an organization.' })),
    successor: Type.Optional(
      Type.Union([OrganizationNumber, Type.Null()], {
        description: 'Of an organization that is deregistered: the one that it was merged into.',
      }),
    ),
    contactPoints: Type.Optional(Type.Array(ContactPoint, { maxItems: 100 })),
  },
  'Someone who can be written to or act. Key: number. Members left out keep what stands.',
);

const RoleHolding = strict(
  {
    holder: personal(PartyNumber),
    role: Type.String({ minLength: 2, maxLength: 200, description: 'Either spelling: DAGL, daglig-leder.' }),
    at: OrganizationNumber,
  },
  'A role that somebody holds at an organization. Key: all of it.',
);

const ClientDelegation = strict(
  {
    client: OrganizationNumber,
    provider: OrganizationNumber,
    agent: personal(PartyNumber),
    packages: Type.Array(PackageCode, {
      maxItems: 100,
      description: 'Of what the provider has at the client, by a role or because it was given it.',
    }),
  },
  'What a provider (an accountant, an auditor) lets one of its people do for a client; they become its agent. Key: client, provider, agent.',
);

const Guardian = strict(
  {
    guardian: personal(PartyNumber),
    ward: personal(PartyNumber),
    roles: Type.Array(Type.String({ minLength: 2, maxLength: 200 }), {
      maxItems: 100,
      description: 'Roles of guardianship: nav-familie, …',
    }),
  },
  'What a guardian may do for a ward. Key: guardian, ward.',
);

const Grant = strict(
  {
    to: personal(PartyNumber),
    at: personal(PartyNumber),
    package: Type.Optional(PackageCode),
    resource: Type.Optional(ResourceCode),
    actions: Type.Optional(Type.Array(Action, { minItems: 1, maxItems: 50, description: 'With a resource only.' })),
    until: Type.Optional(
      Type.Union([Type.String({ format: 'date' }), Type.String({ format: 'date-time' })], {
        description: 'An instant, or the last day (in Norway) that it holds.',
      }),
    ),
  },
  'A package or a resource that a party has given another. Key: to, at and what is given.',
);

const AccessList = strict(
  { id: Code, owner: OrganizationNumber, members: Type.Array(OrganizationNumber) },
  'The organizations that may receive on the resources that name the list. Key: id.',
);

const Texts = strict({ nb: Name, nn: Name, en: Name }, 'In each language.');

const Broker = strict(
  {
    maxFileTransferSize: Type.Optional(Type.Integer({ minimum: 1, description: 'Bytes.' })),
    fileTransferTimeToLive: Type.Optional(Type.String({ pattern: '^P(?=.)(\\d+D)?(T(?=.)(\\d+H)?(\\d+M)?(\\d+S)?)?$' })),
  },
  'Limits of a BrokerService.',
);

const Resource = strict(
  {
    id: ResourceCode,
    type: Type.Enum(['CorrespondenceService', 'BrokerService', 'GenericAccessResource', 'AltinnApp']),
    owner: OrganizationNumber,
    title: Texts,
    senders: Type.Optional(
      Type.Union([Type.Enum(['owner', 'any']), Type.Array(OrganizationNumber, { minItems: 1 })], {
        description: 'Who may send: the owner (default), anybody, or these organizations.',
      }),
    ),
    readers: Type.Optional(
      Type.Array(Type.String({ minLength: 2, maxLength: 200 }), {
        description:
          'Role codes, package:…, self, organization. Default: DAGL, package:ordinaer-post-til-virksomheten, self, organization.',
      }),
    ),
    policyXml: Type.Optional(
      Type.String({ maxLength: 1024 * 1024, description: 'A policy in XACML 3.0 (XML) instead of senders and readers: docs/policies.md.' }),
    ),
    confidential: Type.Optional(Type.Boolean({ description: 'Follows from the readers; one that contradicts them is refused.' })),
    accessList: Type.Optional(Type.Union([Code, Type.Null()])),
    ladder: Type.Optional(Type.Enum(['ordinary', 'confidential'])),
    unreachable: Type.Optional(
      Type.Enum(['accept', 'refuse', 'fallback'], {
        description:
          'Post that nobody can open and nobody can be given: accept (it escalates from the first day), refuse, or accept and tell fallback. Default: refuse for confidential post, accept for other.',
      }),
    ),
    demandsPerson: Type.Optional(
      Type.Boolean({ description: 'A letter that a system has fetched lies there until a person opens it. Not of a BrokerService.' }),
    ),
    fallback: Type.Optional(
      Type.Union([OrganizationNumber, Type.Null()], { description: 'Who is told. With unreachable: fallback only.' }),
    ),
    broker: Type.Optional(Broker),
  },
  'What a policy speaks of. Key: id.',
);

/** Where a browser may be sent: a web address, or that of an application on the person's own machine. */
const redirectUri = { pattern: '^[A-Za-z][A-Za-z0-9+.-]*:[^\\s#]{1,2000}$' };
const redirectUris = (description: string) => Type.Optional(Type.Array(Type.String(redirectUri), { maxItems: 50, description }));

const Client = strict(
  {
    clientId: Type.String({ minLength: 1, maxLength: 200 }),
    organization: OrganizationNumber,
    keyId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    publicKeyPem: Type.Optional(Type.String({ maxLength: 20_000 })),
    jwk: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'The public key as a JSON Web Key, instead of publicKeyPem.' }),
    ),
    scopes: Type.Array(Type.String({ pattern: '^\\S{1,200}$' })),
    redirectUris: redirectUris('Where browsers come back to after logging in; with these, people may log in to the client.'),
    postLogoutRedirectUris: redirectUris('Where browsers come back to after logging out.'),
    frontchannelLogoutUri: Type.Optional(
      Type.String({ ...redirectUri, description: 'Called in a frame of the browser when somebody logs out.' }),
    ),
  },
  'A system that may ask for tokens. Key: clientId.',
);

const Right = strict({ resource: ResourceCode, actions: Type.Array(Action, { minItems: 1, maxItems: 50 }) }, 'What a system user may.');

const SystemUser = strict(
  {
    id: Type.String({ format: 'uuid' }),
    system: Name,
    owner: OrganizationNumber,
    rights: Type.Array(Right),
  },
  'A system that acts for its owner with these rights and no others. Key: id.',
);

/** The town document: what a sandbox, a demo, a test and a pilot are set up by. */
export const TownDocument = strict(
  {
    $schema: Type.Optional(Type.String({ description: 'For editors.' })),
    version: Type.Literal(1),
    parties: Type.Optional(Type.Array(Party)),
    roles: Type.Optional(Type.Array(RoleHolding)),
    grants: Type.Optional(Type.Array(Grant)),
    clientDelegations: Type.Optional(Type.Array(ClientDelegation)),
    guardians: Type.Optional(Type.Array(Guardian)),
    accessLists: Type.Optional(Type.Array(AccessList)),
    resources: Type.Optional(Type.Array(Resource)),
    clients: Type.Optional(Type.Array(Client)),
    systemUsers: Type.Optional(Type.Array(SystemUser)),
  },
  'Loading is an upsert by key: nothing is removed, lists inside an item are replaced, and loading twice changes nothing.',
);

export type TownDocument = Static<typeof TownDocument>;

/** The lists of a document, in the order in which they are written. */
export const townLists = [
  'parties',
  'roles',
  'accessLists',
  'resources',
  'grants',
  'clientDelegations',
  'guardians',
  'clients',
  'systemUsers',
] as const;
export type TownList = (typeof townLists)[number];

/** A document whose lists are all there. */
export type Town = Required<Pick<TownDocument, TownList>>;

/** The text of `town.schema.json`. */
export function printTownSchema(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $comment: 'Generated from server/sandbox/town/schema.ts by npm run print.',
    title: 'Town document of Budstikke',
    ...TownDocument,
  };
  return `${withShortLists(JSON.stringify(schema, null, 2))}\n`;
}

/** Lists of names on one line, as the formatter of the repository has them. */
function withShortLists(json: string): string {
  return json.replaceAll(/\[\n\s*((?:"[^"]*",?\s*)+)\]/g, (_, names: string) => `[${names.trim().replaceAll(/,\s+/g, ', ')}]`);
}
