import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { type ContactRegister, mostAsked, QuestionRefused, type RegisteredContact } from './port.ts';
import { createTokenSource, type TokenOptions } from './token.ts';

export interface KrrOptions extends Omit<TokenOptions, 'scope'> {
  /** Where `/rest/v2/personer` is: `https://kontaktregisteret.no`. */
  readonly url: string;
}

const text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Answer = Type.Object({
  personer: Type.Array(
    Type.Object({
      personidentifikator: Type.String(),
      reservasjon: text,
      status: text,
      spraak: text,
      kontaktinformasjon: Type.Optional(
        Type.Union([
          Type.Object({
            epostadresse: text,
            epostadresse_oppdatert: text,
            epostadresse_sist_verifisert: text,
            mobiltelefonnummer: text,
            mobiltelefonnummer_oppdatert: text,
            mobiltelefonnummer_sist_verifisert: text,
          }),
          Type.Null(),
        ]),
      ),
    }),
  ),
});
type Person = Static<typeof Answer>['personer'][number];

/**
 * The Contact and Reservation Register of Norway: `POST /rest/v2/personer`, with a Maskinporten token. A token that it refuses is fetched
 * anew once; whatever else goes wrong is thrown, without a number in its words. Source: compatibility.md, platform, §3.
 */
export function createKrr(options: KrrOptions): ContactRegister {
  const source = createTokenSource({ ...options, scope: 'krr:global/kontaktinformasjon.read' });
  const ask = async (numbers: readonly string[]) =>
    fetch(`${options.url.replace(/\/+$/, '')}/rest/v2/personer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await source.token()}`, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ personidentifikatorer: numbers }),
      redirect: 'manual',
      signal: AbortSignal.timeout(options.timeoutMillis ?? 10_000),
    });
  return {
    async ask(numbers) {
      if (numbers.length > mostAsked) throw new Error(`no more than ${mostAsked} persons in one question`);
      let response = await ask(numbers);
      if (response.status === 401) {
        source.forget();
        await response.body?.cancel();
        response = await ask(numbers);
      }
      if (!response.ok) {
        await response.body?.cancel();
        const isQuestion = response.status === 400 || response.status === 422;
        throw new (isQuestion ? QuestionRefused : Error)(`it answered ${response.status}`);
      }
      const answer: unknown = await response.json().catch(() => undefined);
      if (!Value.Check(Answer, answer)) throw new Error('its answer has another shape');
      return answer.personer.map(readPerson);
    },
  };
}

/** Pure. Source: compatibility.md, platform, §3. */
export function readPerson(person: Person): RegisteredContact {
  const { personidentifikator: number, reservasjon, status, spraak, kontaktinformasjon: info } = person;
  const isThere = status !== 'SLETTET' && status !== 'IKKE_REGISTRERT';
  const sms = info?.mobiltelefonnummer ? mobile(info.mobiltelefonnummer) : undefined;
  const email = info?.epostadresse?.trim();
  const points = [
    email && {
      channel: 'email' as const,
      address: email,
      confirmedAt: later(info?.epostadresse_oppdatert, info?.epostadresse_sist_verifisert),
    },
    sms && {
      ...{ channel: 'sms' as const, address: sms },
      confirmedAt: later(info?.mobiltelefonnummer_oppdatert, info?.mobiltelefonnummer_sist_verifisert),
    },
  ];
  return {
    number,
    reserved: reservasjon === 'JA' ? true : reservasjon === 'NEI' ? false : null,
    language: spraak === 'nb' || spraak === 'nn' || spraak === 'en' ? spraak : null,
    points: isThere ? points.filter((point) => !!point) : [],
  };
}

/** Updated or verified, whichever was last. An address of which neither is said counts as never confirmed. */
function later(...times: readonly (string | null | undefined)[]): string {
  const known = times.flatMap((time) => (time && !Number.isNaN(Date.parse(time)) ? [Date.parse(time)] : []));
  return new Date(known.length > 0 ? Math.max(...known) : 0).toISOString();
}

/** As E.164: eight digits that begin with 4 or 9 are Norwegian. What is no number is left out. */
function mobile(given: string): string | undefined {
  const bare = given.replaceAll(/[\s()-]/g, '').replace(/^00/, '+');
  const number = /^[49]\d{7}$/.test(bare) ? `+47${bare}` : bare;
  return /^\+[1-9]\d{6,14}$/.test(number) ? number : undefined;
}
