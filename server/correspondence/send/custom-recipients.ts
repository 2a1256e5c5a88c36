import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { isOneMailbox, type CustomRecipient as Ordered } from '#notifications/index.ts';
import { type Party, parsePartyReference } from '#register/index.ts';

/** Whom a sender names beside the recipient's own people: by one of these; the others are null. */
export interface CustomRecipient {
  readonly emailAddress: string | null;
  readonly mobileNumber: string | null;
  readonly organizationNumber: string | null;
  readonly nationalIdentityNumber: string | null;
}

const inADomain = /@[^@.]+(?:\.[^@.]+)+$/;

/** Pure. Local parts in quotes and letters of every alphabet are fine; what mail servers would not hear of is not. */
export function isEmailAddress(text: string): boolean {
  return isOneMailbox(text) && inADomain.test(text);
}

/**
 * Pure. The number in the form that carriers take (E.164); undefined for what begins with neither `+` nor `00`, and for what no
 * telephone plan of the world has. Source: compatibility.md, correspondence, §6.3.
 */
export function mobileNumberOf(text: string): string | undefined {
  if (!/^(?:\+|00)/.test(text)) return undefined;
  const number = parsePhoneNumberFromString(text.replace(/^00/, '+'));
  return number?.isValid() ? number.number : undefined;
}

/** Pure. The number of an organization or a person, bare or as a reference; null for an address. */
export function numberOf({ organizationNumber, nationalIdentityNumber }: CustomRecipient): string | null {
  const given = organizationNumber ?? nationalIdentityNumber;
  return given === null ? null : (parsePartyReference(given)?.number ?? given);
}

/** Pure. Who is named twice is told once; entries that name nobody, or two at once, are left for the rules to refuse. */
export function withoutRepeats(custom: readonly CustomRecipient[]): CustomRecipient[] {
  const keyOf = (each: CustomRecipient) =>
    JSON.stringify([
      each.emailAddress?.toLowerCase() ?? null,
      each.mobileNumber && (mobileNumberOf(each.mobileNumber) ?? each.mobileNumber),
      numberOf(each),
    ]);
  const isFirst = (each: CustomRecipient, i: number) => custom.findIndex((other) => keyOf(other) === keyOf(each)) === i;
  return custom.filter((each, i) => isEmpty(each) || isFirst(each, i));
}

function isEmpty(each: CustomRecipient): boolean {
  return Object.values(each).every((value) => value === null);
}

/** Pure. Those whom the rules have let pass, as an order keeps them: numbers stand in the register alone. */
export function toOrdered(custom: readonly CustomRecipient[], parties: ReadonlyMap<string, Party>): Ordered[] {
  return custom.map((each): Ordered => {
    if (each.emailAddress !== null) return { kind: 'email', address: each.emailAddress };
    if (each.mobileNumber !== null) return { kind: 'sms', address: mobileNumberOf(each.mobileNumber)! };
    const kind = each.organizationNumber !== null ? 'organization' : 'person';
    const party = parties.get(numberOf(each)!);
    return { kind, party: party?.kind === kind ? party.id : null };
  });
}
