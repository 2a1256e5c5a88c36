import { Compile } from 'typebox/compile';
import { townErrors } from './errors.ts';
import { gatherProblems } from './problems.ts';
import { type Town, TownDocument } from './schema.ts';

const compiled = Compile(TownDocument);

/**
 * Reads a town document: what fits the schema is typed, with empty lists where a list is left out.
 * Refuses unknownMember and misfit, naming every place (up to twenty).
 */
export function readTown(document: unknown): Town {
  if (!compiled.Check(document)) throwMisfit(document);
  const { parties = [], roles = [], grants = [], clientDelegations = [], guardians = [] } = document;
  const { accessLists = [], resources = [], clients = [], systemUsers = [] } = document;
  return { parties, roles, grants, clientDelegations, guardians, accessLists, resources, clients, systemUsers };
}

/** Of alternatives only the outcome is told, and of unknown members only their names. */
const untold = ['anyOf', 'boolean'];

function throwMisfit(document: unknown): never {
  const problems = gatherProblems();
  const errors = compiled.Errors(document);
  for (const { keyword, instancePath, params } of errors) {
    if (keyword !== 'additionalProperties') continue;
    for (const name of params.additionalProperties) problems.add(townErrors.unknownMember, `${instancePath}/${escaped(name)}`);
  }
  problems.throwIfAny();
  for (const { keyword, instancePath, message } of errors) {
    if (!untold.includes(keyword)) problems.add(townErrors.misfit, `${instancePath || '/'} ${message}`);
  }
  problems.throwIfAny();
  throw new Error('a town document does not fit its schema, and no place is told');
}

/** A member's name as a part of a JSON pointer, cut to what can be read. */
function escaped(name: string): string {
  return name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
}
