import type { Counts } from './store/import.ts';

const lines: readonly (readonly [keyof Counts, string])[] = [
  ['added', 'organizations that are new'],
  ['changed', 'organizations with another name, form, main unit or language'],
  ['deregistered', 'organizations that are gone from the register; they stay here, closed'],
  ['restored', 'organizations that were closed and are back'],
  ['rolesAdded', 'roles that are new'],
  ['rolesEnded', 'roles that have ended'],
  ['personsAdded', 'persons who are new'],
  ['personsUnnamed', 'roles of persons whom the file does not name by number: they give nobody anything'],
  ['holdersUnknown', 'roles of organizations that nobody knows: left out'],
  ['rolesOfUnknownKind', 'roles of a kind that nobody knows: left out'],
  ['orphans', 'organizations whose main unit nobody knows'],
  ['unreadable', 'items without a valid number or a name: left out'],
];

/** What an operator reads when a run is over. */
export function sayCounts(counts: Counts, isDryRun: boolean): string {
  const said = lines.map(([name, text]) => `${String(counts[name] ?? 0).padStart(10)}  ${text}`);
  const head = isDryRun
    ? 'Nothing was changed. It would be (roles and subunits of organizations that are new not counted):'
    : 'The register is read in:';
  return [head, ...said].join('\n');
}
