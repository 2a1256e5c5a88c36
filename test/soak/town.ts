import { personNumberFrom } from '#sandbox/numbers.ts';

export const resourceId = 'soak-letters';
export const directorate = '315001285';

export interface Citizen {
  readonly number: string;
}

const numbers = new Set(Array.from({ length: 2000 }, (_, i) => personNumberFrom(`soak ${i}`)));
/** So many that inboxes do not grow past a page, and so few that all of them have been met when the warm-up ends. */
export const citizens: readonly Citizen[] = [...numbers].map((number) => ({ number }));

export const urnOf = ({ number }: Citizen): string => `urn:altinn:person:identifier-no:${number}`;

/** A directorate that sends, and citizens who are told by e-mail. */
export const town = {
  version: 1,
  parties: [
    { kind: 'organization', number: directorate, name: 'Direktoratet for utholdenhet', orgCode: 'soak', unitType: 'ORGL' },
    ...citizens.map(({ number }, i) => ({
      kind: 'person',
      number,
      name: `Borger ${i}`,
      contactPoints: [{ channel: 'email', address: `borger-${i}@soak.example` }],
    })),
  ],
  resources: [{ id: resourceId, type: 'CorrespondenceService', owner: directorate, title: { nb: 'Brev', nn: 'Brev', en: 'Letters' } }],
};
