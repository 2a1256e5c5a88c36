import { type Client, enterpriseToken, organizationUrn, personalToken, personUrn } from '../../demo/client.ts';

/** Numbers are synthetic and valid by checksum. */
export const people = {
  directorate: '315001005',
  otherAgency: '315001072',
  municipality: '315001145',
  emptyHouse: '315001218',
  manager: '02826110743',
  caseworker: '04846312159',
  citizen: '05856412875',
  stranger: '06866513528',
  reserved: '07876614280',
} as const;

export const resources = { letters: 'wire-letters', sealed: 'wire-sealed', others: 'wire-others-letters', files: 'wire-files' } as const;

const confidentialPackage = 'post-til-virksomheten-med-taushetsbelagt-innhold';
const text = (nb: string): object => ({ nb, nn: nb, en: nb });
const organization = (number: string, name: string, orgCode?: string): object => ({
  kind: 'organization',
  number,
  name,
  ...(orgCode ? { orgCode } : {}),
  unitType: orgCode ? 'ORGL' : 'KOMM',
});
const person = (number: string, name: string, email: string, more: object = {}): object => ({
  kind: 'person',
  number,
  name,
  contactPoints: [{ channel: 'email', address: email }],
  ...more,
});

/** Two agencies that send, a municipality with a manager and a caseworker, an organization without anybody, and citizens. */
export const town = {
  version: 1,
  parties: [
    organization(people.directorate, 'Direktoratet for prøvepost', 'wirea'),
    organization(people.otherAgency, 'Tilsynet for annen post', 'wireb'),
    organization(people.municipality, 'Prøvedal kommune'),
    organization(people.emptyHouse, 'Tomt hus'),
    person(people.manager, 'Kari Leder', 'kari.leder@wire.example'),
    person(people.caseworker, 'Jonas Saksbehandler', 'jonas.saksbehandler@wire.example'),
    person(people.citizen, 'Ola Borger', 'ola.borger@wire.example'),
    person(people.stranger, 'Fremmed Fugl', 'fremmed.fugl@wire.example'),
    person(people.reserved, 'Reservert Person', 'reservert.person@wire.example', { reserved: true }),
  ],
  roles: [{ holder: people.manager, role: 'DAGL', at: people.municipality }],
  grants: [],
  resources: [
    { id: resources.letters, type: 'CorrespondenceService', owner: people.directorate, title: text('Prøvepost') },
    {
      id: resources.sealed,
      type: 'CorrespondenceService',
      owner: people.directorate,
      title: text('Taushetsbelagt prøvepost'),
      readers: [`package:${confidentialPackage}`],
    },
    { id: resources.others, type: 'CorrespondenceService', owner: people.otherAgency, title: text('Annen post') },
    { id: resources.files, type: 'BrokerService', owner: people.directorate, title: text('Filer') },
  ],
};

/** The leader reads, and must be logged in at the highest level. */
export function policyAtLevel4(resource: string): string {
  const category = (name: string) =>
    name === 'subject'
      ? 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject'
      : `urn:oasis:names:tc:xacml:3.0:attribute-category:${name}`;
  const is = (of: string, attribute: string, value: string) => `<AnyOf><AllOf><Match
    MatchId="urn:oasis:names:tc:xacml:3.0:function:string-equal-ignore-case">
    <AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">${value}</AttributeValue>
    <AttributeDesignator AttributeId="${attribute}" Category="${category(of)}"
      DataType="http://www.w3.org/2001/XMLSchema#string" MustBePresent="false"/></Match></AllOf></AnyOf>`;
  return `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="urn:altinn:policyid:1" Version="1.0"
    RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides"><Target/>
    <Rule RuleId="1" Effect="Permit"><Target>${is('subject', 'urn:altinn:rolecode', 'DAGL')}${is('resource', 'urn:altinn:resource', resource)}
    ${is('action', 'urn:oasis:names:tc:xacml:1.0:action:action-id', 'read')}</Target></Rule>
    <ObligationExpressions><ObligationExpression ObligationId="urn:altinn:obligation:authenticationLevel1" FulfillOn="Permit">
    <AttributeAssignmentExpression AttributeId="urn:altinn:obligation1-assignment1" Category="urn:altinn:minimum-authenticationlevel">
    <AttributeValue DataType="http://www.w3.org/2001/XMLSchema#integer">4</AttributeValue>
    </AttributeAssignmentExpression></ObligationExpression></ObligationExpressions></Policy>`;
}

export const api = '/correspondence/api/v1';
export const municipalityUrn = organizationUrn(people.municipality);
export const citizenUrn = personUrn(people.citizen);

/** The scopes of an agency that sends. */
export const senderScopes = ['altinn:serviceowner', 'altinn:correspondence.write'] as const;
export const readerScopes = ['altinn:correspondence.read', 'altinn:portal/enduser'] as const;

/** A server's clients, each with a token of one that the town knows. */
export interface Callers {
  readonly nobody: Client;
  readonly directorate: Client;
  readonly otherAgency: Client;
  readonly manager: Client;
  readonly citizen: Client;
  readonly stranger: Client;
}

export async function callersOf(nobody: Client): Promise<Callers> {
  const agency = async (number: string): Promise<Client> => nobody.with(await enterpriseToken(nobody, number, senderScopes));
  const reader = async (number: string): Promise<Client> => nobody.with(await personalToken(nobody, number, readerScopes));
  return {
    nobody,
    directorate: await agency(people.directorate),
    otherAgency: await agency(people.otherAgency),
    manager: await reader(people.manager),
    citizen: await reader(people.citizen),
    stranger: await reader(people.stranger),
  };
}

/** A request that is right in every way; each test bends one thing. */
export function letter(
  reference: string,
  bend: { correspondence?: object; content?: object; request?: object } = {},
): Record<string, unknown> {
  return {
    correspondence: {
      resourceId: resources.letters,
      sendersReference: reference,
      content: {
        language: 'nb',
        messageTitle: 'Prøvebrev',
        messageSummary: 'Et brev',
        messageBody: 'Hei. Dette er en prøve.',
        ...bend.content,
      },
      ...bend.correspondence,
    },
    recipients: [citizenUrn],
    ...bend.request,
  };
}

interface Accepted {
  readonly correspondences: readonly {
    readonly correspondenceId: string;
    readonly status: string;
    readonly recipient: string;
    readonly notifications: null;
  }[];
  readonly attachmentIds: readonly string[];
}

/** Reads the answer to a request that must have been accepted. */
export function accepted(answer: { readonly status: number; readonly text: string; json<T>(): T }): Accepted {
  if (answer.status !== 200) throw new Error(`The request was not accepted: ${answer.status} ${answer.text.slice(0, 1000)}`);
  return answer.json<Accepted>();
}

/** Ids of what the directorate has sent under a reference, as the sender's list tells. */
export async function sentUnder(
  directorate: Client,
  reference: string,
  resourceId: string = resources.letters,
): Promise<readonly string[]> {
  const answer = await directorate.get(
    `${api}/correspondence?${new URLSearchParams({ resourceId, role: 'Sender', sendersReference: reference })}`,
  );
  if (answer.status !== 200) throw new Error(`The list was not given: ${answer.status} ${answer.text.slice(0, 500)}`);
  return answer.json<{ ids: string[] }>().ids;
}
