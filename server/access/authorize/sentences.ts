/** A name of a role or package in each language. */
export interface Names {
  readonly nb: string;
  readonly nn: string;
  readonly en: string;
}

interface Step {
  readonly pattern: RegExp;
  readonly nb: string;
  readonly nn: string;
  readonly en: string;
}

/** How each step of a path reads for people; `$1` is a role's, package's or service's name, `$2` an organization's number. */
const steps: readonly Step[] = [
  { pattern: /^role (\S+) at (.+)$/, nb: 'gjennom rollen $1 i $2', nn: 'gjennom rolla $1 i $2', en: 'through the role $1 at $2' },
  { pattern: /^gives role (\S+)$/, nb: 'som gir rollen $1', nn: 'som gir rolla $1', en: 'which gives the role $1' },
  { pattern: /^package (\S+)$/, nb: 'som gir tilgangspakken $1', nn: 'som gir tilgangspakken $1', en: 'which gives the access package $1' },
  {
    pattern: /^grant of package (\S+) at (.+)$/,
    nb: 'gjennom tilgangspakken $1, gitt av $2',
    nn: 'gjennom tilgangspakken $1, gjeven av $2',
    en: 'through the access package $1, given by $2',
  },
  {
    pattern: /^grant of one item of resource (\S+) at (.+)$/,
    nb: 'gjennom tilgang til denne ene meldingen på $1, gitt av $2',
    nn: 'gjennom tilgang til denne eine meldinga på $1, gjeven av $2',
    en: 'through access to this one message on $1, given by $2',
  },
  {
    pattern: /^grant of resource (\S+) at (.+)$/,
    nb: 'gjennom tilgang til $1, gitt av $2',
    nn: 'gjennom tilgang til $1, gjeven av $2',
    en: 'through access to $1, given by $2',
  },
  { pattern: /^agent of()? (.+)$/, nb: 'som klientagent for $2', nn: 'som klientagent for $2', en: 'as an agent of $2' },
  {
    pattern: /^organization()? (\S+) itself$/,
    nb: 'som virksomheten $2 selv',
    nn: 'som verksemda $2 sjølv',
    en: 'as the organization $2 itself',
  },
  { pattern: /^self$/, nb: 'på egne vegne', nn: 'på eigne vegner', en: 'on one’s own behalf' },
  { pattern: /^named by the policy$/, nb: 'fordi regelen nevner deg', nn: 'fordi regelen nemner deg', en: 'because the rule names you' },
  { pattern: /^owner of the resource$/, nb: 'som eier av tjenesten', nn: 'som eigar av tenesta', en: 'as the owner of the service' },
];

/** Codes of roles and packages, and ids of services, that a path names. */
export function codesIn(path: readonly string[]): string[] {
  return [...new Set(path.flatMap((text) => steps.map(({ pattern }) => pattern.exec(text)?.[1]).filter((code) => code !== undefined)))];
}

/** Pure. A path for people, one sentence for each step; `person` is whose post it is, of a person's. A step that is not known stands as it is. */
export function sentencesOf(
  path: readonly string[],
  names: ReadonlyMap<string, Names>,
  person: string | null,
): { nb: string; nn: string; en: string }[] {
  return path.map((text) => {
    const step = steps.find(({ pattern }) => pattern.test(text));
    if (!step) return { nb: text, nn: text, en: text };
    const [, code, where] = step.pattern.exec(text)!;
    const told = (language: keyof Names) => {
      const place = where === 'the person' ? (person ?? { nb: 'personen', nn: 'personen', en: 'the person' }[language]) : (where ?? '');
      return step[language].replaceAll('$1', () => names.get(code ?? '')?.[language] ?? code ?? '').replaceAll('$2', () => place);
    };
    return { nb: told('nb'), nn: told('nn'), en: told('en') };
  });
}
