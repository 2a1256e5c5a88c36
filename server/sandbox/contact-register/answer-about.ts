import type { Context } from '#kernel/context.ts';
import { type KeptAddress, listAddresses, type Party, partiesByNumber } from '#register/index.ts';

/** What the town says of each of these numbers, in the words of the Contact and Reservation Register. Source: compatibility.md, platform, §3. */
export async function answerAbout({ db }: Context, numbers: readonly string[]) {
  const known = await partiesByNumber(db, numbers);
  const persons = [...known.values()].filter(({ kind }) => kind === 'person');
  const addresses = await listAddresses(
    db,
    persons.map(({ id }) => id),
  );
  const own = Map.groupBy(
    addresses.filter(({ at }) => at === null),
    ({ party }) => party,
  );
  return {
    personer: [...new Set(numbers)].map((number) => {
      const party = known.get(number);
      return party?.kind === 'person' ? personOf(number, party, own.get(party.id) ?? []) : strangerOf(number);
    }),
  };
}

function strangerOf(personidentifikator: string) {
  return {
    personidentifikator,
    reservasjon: 'NEI' as const,
    status: 'IKKE_REGISTRERT' as const,
    varslingsstatus: 'KAN_IKKE_VARSLES' as const,
  };
}

function personOf(personidentifikator: string, { reserved, alive, language }: Party, addresses: readonly KeptAddress[]) {
  const [email, sms] = (['email', 'sms'] as const).map((channel) => addresses.find((each) => each.channel === channel));
  const canBeTold = alive && !reserved && addresses.some(({ isStale }) => !isStale);
  return {
    personidentifikator,
    reservasjon: reserved ? ('JA' as const) : ('NEI' as const),
    status: alive ? ('AKTIV' as const) : ('SLETTET' as const),
    varslingsstatus: canBeTold ? ('KAN_VARSLES' as const) : ('KAN_IKKE_VARSLES' as const),
    ...(alive
      ? {
          kontaktinformasjon: {
            epostadresse: email?.address ?? null,
            epostadresse_oppdatert: email?.freshAt.toISOString() ?? null,
            epostadresse_sist_verifisert: email?.freshAt.toISOString() ?? null,
            mobiltelefonnummer: sms?.address ?? null,
            mobiltelefonnummer_oppdatert: sms?.freshAt.toISOString() ?? null,
            mobiltelefonnummer_sist_verifisert: sms?.freshAt.toISOString() ?? null,
          },
        }
      : {}),
    spraak: language,
  };
}
