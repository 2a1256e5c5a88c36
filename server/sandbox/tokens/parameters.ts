import { randomBytes, randomUUID } from 'node:crypto';
import { organizationNumberFrom, personNumberFrom } from '../numbers.ts';

/** The environments that scripts name. All mean this sandbox. */
const environments = ['at22', 'at23', 'at24', 'tt02', 'yt01', 'dev', 'none'];

interface Parameter {
  readonly fits: (value: string) => boolean;
  /** What it must be, said to who sent something else. */
  readonly must: string;
}

const matches = (pattern: RegExp) => (value: string) => pattern.test(value);
const between = (low: number, high: number) => (value: string) => /^\d{1,10}$/.test(value) && Number(value) >= low && Number(value) <= high;

const organizationNumber: Parameter = { fits: matches(/^\d{9}$/), must: 'must be an organization number of 9 digits' };
const uuid: Parameter = { fits: matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i), must: 'must be a UUID' };
const number: Parameter = { fits: between(0, 0x7fffffff), must: 'must be a whole number' };
const shortText: Parameter = { fits: (value) => value.length <= 200 && !value.includes('\0'), must: 'must be at most 200 characters' };

/** Every parameter of the generator. Source: compatibility.md, platform, §1.5. */
const parameters = {
  env: { fits: (value) => environments.includes(value.toLowerCase()), must: `must be one of ${environments.join(', ')}` },
  ttl: { fits: between(0, 31_536_000), must: 'must be a number of seconds, at most a year' },
  dump: { fits: matches(/^(true|false|1|0)$/i), must: 'must be true or false' },
  scopes: {
    fits: (value) => value.length <= 500 && /^[a-z0-9:/_\-,. ]+$/.test(value),
    must: 'must be scopes of lower-case letters, digits and : / _ - . parted by space or comma, 500 characters at most',
  },
  bulkCount: { fits: between(1, 1000), must: 'must be a number from 1 to 1000' },
  orgNo: organizationNumber,
  supplierOrgNo: organizationNumber,
  consumerOrgNo: organizationNumber,
  systemUserOrg: organizationNumber,
  org: { fits: matches(/^[a-z0-9_-]{1,50}$/i), must: 'must be the code of an organization' },
  app: { fits: matches(/^[a-z0-9_.-]{1,200}$/i), must: 'must be the name of an application' },
  delegationSource: { fits: (value) => URL.canParse(value), must: 'must be an address' },
  clientId: shortText,
  clientAmr: shortText,
  userName: shortText,
  pid: { fits: matches(/^\d{11}$/), must: 'must be a national identity number of 11 digits' },
  userId: number,
  partyId: number,
  partyuuid: uuid,
  systemUserId: uuid,
  authLvl: { fits: between(1, 4), must: 'must be a level from 1 to 4' },
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof parameters;
export type Query = Readonly<Record<string, string | undefined>>;

/** What a function of the generator takes: names, and for some what stands in when the caller leaves it out. */
export interface Takes {
  readonly required: readonly ParameterName[];
  readonly optional: readonly ParameterName[];
  readonly defaults?: Readonly<Partial<Record<ParameterName, () => string>>>;
}

/** Those of a request after check and defaults; what was not given and has no default is not there. */
export type Given = Readonly<Partial<Record<ParameterName, string>>>;

/** Either all that was given and fits, or for each parameter that is missing or does not fit what it must be. */
export type Reading = { readonly given: Given } | { readonly errors: Readonly<Record<string, string>> };

const common = { required: ['env'], optional: ['ttl', 'dump'] } as const;

/** Checks a request's parameters, whose names count in any case. An empty value counts as not given; unknown names are ignored. */
export function readParameters(takes: Takes, query: Query): Reading {
  const sent = new Map(Object.entries(query).map(([name, value]) => [name.toLowerCase(), value]));
  const given: Partial<Record<ParameterName, string>> = {};
  const errors: Record<string, string> = {};
  const required: readonly ParameterName[] = [...common.required, ...takes.required];
  for (const name of [...required, ...common.optional, ...takes.optional]) {
    const value = sent.get(name.toLowerCase()) || takes.defaults?.[name]?.();
    if (value === undefined) {
      if (required.includes(name)) errors[name] = `${name} is required and ${parameters[name].must}`;
      continue;
    }
    if (parameters[name].fits(value)) given[name] = value;
    else errors[name] = `${name} ${parameters[name].must}`;
  }
  return Object.keys(errors).length > 0 ? { errors } : { given };
}

/** Defaults that are drawn anew for each token. */
export const drawn = {
  organizationNumber: () => organizationNumberFrom(randomBytes(16).toString('hex')),
  personNumber: () => personNumberFrom(randomBytes(16).toString('hex')),
  uuid: () => randomUUID(),
};

export function isTrue(value: string | undefined): boolean {
  return value === '1' || value?.toLowerCase() === 'true';
}
