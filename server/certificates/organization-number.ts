import type { ReadCertificate } from './read-certificate.ts';

const subject = { country: '2.5.4.6', serialNumber: '2.5.4.5', organizationIdentifier: '2.5.4.97' } as const;

/**
 * Pure. The organization that an enterprise certificate is for: nine digits, their check digit not looked at. SEID 2 has it in
 * organizationIdentifier (`NTRNO-991825827`), SEID 1 in serialNumber; where the former is there the latter says nothing.
 * Undefined where there is none, where it stands twice, and where the subject is not Norwegian.
 * Source: compatibility.md, certificates, §1.
 */
export function organizationNumberOf({ parsed }: ReadCertificate): string | undefined {
  const valuesOf = (type: string): string[] =>
    parsed.subject.typesAndValues.filter((each) => each.type === type).map((each) => String(each.value.valueBlock.value));
  const [country, identifiers, serials] = [
    valuesOf(subject.country),
    valuesOf(subject.organizationIdentifier),
    valuesOf(subject.serialNumber),
  ];
  if (country.length !== 1 || country[0]!.toUpperCase() !== 'NO') return undefined;
  const [named, pattern] = identifiers.length > 0 ? [identifiers, /^NTRNO-(\d{9})$/] : [serials, /^(\d{9})$/];
  return named.length === 1 ? pattern.exec(named[0]!)?.[1] : undefined;
}
