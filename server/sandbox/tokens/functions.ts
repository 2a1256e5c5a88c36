import { randomUUID } from 'node:crypto';
import { drawn, type Given, type Takes } from './parameters.ts';

type Claims = Readonly<Record<string, unknown>>;

/** One function of the generator: what it takes and the claims that it makes of it, times and issuer aside. */
export interface TokenFunction {
  readonly name: string;
  readonly summary: string;
  readonly takes: Takes;
  readonly claims: (given: Given) => Claims;
  /** In bulk each token is of another one: the parameter that is drawn anew and becomes the key of the answer. */
  readonly bulk?: 'orgNo' | 'pid';
  /** Such a token is signed by an organization's application, whose code stands as the issuer. */
  readonly issuedBy?: (given: Given) => string;
}

/** Source: compatibility.md, platform, §1.5. */
export const enterpriseToken: TokenFunction = {
  name: 'GetEnterpriseToken',
  summary: "A machine token as Altinn's exchange of a Maskinporten token makes it.",
  takes: {
    required: ['scopes'],
    optional: ['orgNo', 'org', 'supplierOrgNo', 'delegationSource', 'clientId', 'bulkCount'],
    defaults: { orgNo: drawn.organizationNumber, clientId: drawn.uuid },
  },
  bulk: 'orgNo',
  claims: (given) => ({
    ...scopeAndClient(given),
    consumer: actor(given.orgNo!),
    'urn:altinn:orgNumber': given.orgNo,
    'urn:altinn:authenticatemethod': 'maskinporten',
    'urn:altinn:authlevel': 3,
    ...optional('urn:altinn:org', given.org),
    ...optional('supplier', given.supplierOrgNo && actor(given.supplierOrgNo)),
    ...optional('delegation_source', given.delegationSource),
  }),
};

export const personalToken: TokenFunction = {
  name: 'GetPersonalToken',
  summary: "A person's token as Altinn makes it of a login with ID-porten.",
  takes: {
    required: [],
    optional: [
      'pid',
      'userId',
      'partyId',
      'partyuuid',
      'authLvl',
      'userName',
      'consumerOrgNo',
      'clientAmr',
      'delegationSource',
      'scopes',
      'bulkCount',
    ],
    defaults: {
      pid: drawn.personNumber,
      authLvl: () => '3',
      clientAmr: () => 'virksomhetssertifikat',
      scopes: () => 'altinn:enduser',
    },
  },
  bulk: 'pid',
  claims: (given) => ({
    ...scopeAndClient({ ...given, clientId: randomUUID() }),
    pid: given.pid,
    acr: acrOf(given.authLvl!),
    'urn:altinn:authlevel': Number(given.authLvl),
    'urn:altinn:authenticatemethod': 'NotDefined',
    client_amr: given.clientAmr,
    ...optional('nameid', given.userId),
    ...optional('urn:altinn:userid', given.userId),
    ...optional('urn:altinn:username', given.userName),
    ...optional('urn:altinn:partyid', given.partyId && Number(given.partyId)),
    ...optional('urn:altinn:party:uuid', given.partyuuid),
    ...optional('consumer', given.consumerOrgNo && actor(given.consumerOrgNo)),
    ...optional('client_orgno', given.consumerOrgNo),
    ...optional('delegation_source', given.delegationSource),
  }),
};

const digdir = () => '991825827';

export const systemUserToken: TokenFunction = {
  name: 'GetSystemUserToken',
  summary: 'A token of a system user: a vendor calls for a customer.',
  takes: {
    required: ['systemUserId'],
    optional: ['systemUserOrg', 'orgNo', 'clientId', 'supplierOrgNo', 'scopes'],
    defaults: { systemUserOrg: digdir, orgNo: digdir, clientId: drawn.uuid, scopes: () => 'altinn:enduser' },
  },
  claims: (given) => ({
    ...scopeAndClient(given),
    consumer: actor(given.orgNo!),
    authorization_details: [
      {
        type: 'urn:altinn:systemuser',
        systemuser_id: [given.systemUserId],
        systemuser_org: actor(given.systemUserOrg!),
        system_id: `${given.orgNo}_system`,
      },
    ],
    ...optional('supplier', given.supplierOrgNo && actor(given.supplierOrgNo)),
  }),
};

const platform: Pick<TokenFunction, 'takes' | 'claims' | 'issuedBy'> = {
  takes: { required: ['app'], optional: ['org'], defaults: { org: () => 'platform' } },
  claims: (given) => ({ 'urn:altinn:app': given.app }),
  issuedBy: (given) => given.org!,
};

export const platformToken: TokenFunction = {
  name: 'GetPlatformToken',
  summary: 'A token that an application shows the platform in the header PlatformAccessToken.',
  ...platform,
};

export const platformAccessToken: TokenFunction = { ...platformToken, name: 'GetPlatformAccessToken' };

export const tokenFunctions = [enterpriseToken, personalToken, systemUserToken, platformToken, platformAccessToken] as const;

function scopeAndClient(given: Given): Claims {
  return {
    scope: given
      .scopes!.split(/[ ,]+/)
      .filter((scope) => scope !== '')
      .join(' '),
    token_type: 'Bearer',
    client_id: given.clientId,
    jti: randomUUID(),
  };
}

function actor(organizationNumber: string): object {
  return { authority: 'iso6523-actorid-upis', ID: `0192:${organizationNumber}` };
}

function acrOf(level: string): string {
  if (level === '4') return 'idporten-loa-high';
  return level === '3' ? 'idporten-loa-substantial' : `Level${level}`;
}

function optional(name: string, value: unknown): Claims {
  return value === undefined || value === '' ? {} : { [name]: value };
}
