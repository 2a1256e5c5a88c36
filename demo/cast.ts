import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Those who act in the demo. Their numbers, addresses and roles stand in the town document that the server is seeded with. */
export interface Cast {
  readonly police: Addressed;
  readonly municipality: Addressed;
  readonly taxAgency: Addressed;
  /** Runs the municipality (daglig leder): may give access, and cannot read what is confidential. */
  readonly manager: Person;
  /** The one who ought to read the police's letter, and holds no right when it comes. */
  readonly caseworker: Person;
  readonly citizen: Person;
  readonly concern: Resource;
  readonly tax: Resource;
  /** By which agencies send each other files. */
  readonly files: Resource;
}

export interface Organization {
  readonly name: string;
  readonly number: string;
}

/** Somebody who is told by e-mail. */
export interface Addressed extends Organization {
  readonly email: string;
}

export type Person = Addressed;

export interface Resource {
  readonly id: string;
}

export interface Town {
  readonly parties: readonly {
    readonly kind: string;
    readonly number: string;
    readonly name: string;
    readonly lastLogin?: string;
    readonly contactPoints?: readonly { readonly channel: string; readonly address: string }[];
  }[];
  readonly resources: readonly { readonly id: string }[];
}

const townFile = join(import.meta.dirname, '../server/sandbox/towns/demo.json');

/** The town of the sandbox as it is today: whoever has logged in before was here this week, in whatever year the demo is run. */
export function readTown(): Town {
  const town = JSON.parse(readFileSync(townFile, 'utf8')) as Town;
  const lately = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  return { ...town, parties: town.parties.map((party) => (party.lastLogin ? { ...party, lastLogin: lately } : party)) };
}

const names = {
  police: 'Fjordane politidistrikt',
  municipality: 'Lerkedal kommune',
  taxAgency: 'Skatteetaten',
  manager: 'Kari Berg',
  caseworker: 'Jonas Lid',
  citizen: 'Ola Nordmann',
} as const;
const resourceIds = { concern: 'politiet-bekymringsmelding', tax: 'skatt-varsel', files: 'etatenes-filer' } as const;

/** Finds everybody in the town. Fails by name for one who is not there. */
export function castOf(town: Town): Cast {
  const organization = (name: string): Organization => {
    const party = town.parties.find((one) => one.name === name);
    if (!party) throw new Error(`${name} does not live in ${townFile}.`);
    return { name, number: party.number };
  };
  const addressed = (name: string): Addressed => {
    const email = town.parties.find((one) => one.name === name)?.contactPoints?.find(({ channel }) => channel === 'email')?.address;
    if (!email) throw new Error(`${name} has no e-mail address in ${townFile}.`);
    return { ...organization(name), email };
  };
  const resource = (id: string): Resource => {
    if (!town.resources.some((one) => one.id === id)) throw new Error(`The resource ${id} is not in ${townFile}.`);
    return { id };
  };
  return {
    police: addressed(names.police),
    municipality: addressed(names.municipality),
    taxAgency: addressed(names.taxAgency),
    manager: addressed(names.manager),
    caseworker: addressed(names.caseworker),
    citizen: addressed(names.citizen),
    concern: resource(resourceIds.concern),
    tax: resource(resourceIds.tax),
    files: resource(resourceIds.files),
  };
}
