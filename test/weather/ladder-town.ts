import { type Client, enterpriseToken, personalToken } from '../../demo/client.ts';
import { organizationNumber, personNumber } from '../../demo/incident/chance.ts';
import { inTurns } from '../in-turns.ts';

/** Letters that anybody at the recipient may open, and letters for which somebody must give access first. */
export const services = { open: 'weather-letters', sealed: 'weather-sealed' } as const;
export const directorate = organizationNumber('weather directorate');

export interface Citizen {
  readonly number: string;
  readonly email: string;
}
export interface Municipality {
  readonly number: string;
  /** May give access and opens nothing. */
  readonly director: Citizen;
  /** Opens what the director lets them open. */
  readonly worker: Citizen & { readonly lastName: string };
}

const person = (who: string): Citizen => ({ number: personNumber(`weather ${who}`), email: `${who.replaceAll(' ', '-')}@weather.example` });
export const citizens: readonly Citizen[] = Array.from({ length: 8 }, (_, i) => person(`citizen ${i}`));
export const municipalities: readonly Municipality[] = Array.from({ length: 3 }, (_, i) => ({
  number: organizationNumber(`weather municipality ${i}`),
  director: person(`director ${i}`),
  worker: { ...person(`worker ${i}`), lastName: 'Uværsnes' },
}));

const written = ({ number, email }: Citizen, name: string) => ({
  kind: 'person',
  number,
  name,
  contactPoints: [{ channel: 'email', address: email }],
});

/** A directorate that sends, citizens, and municipalities that let nobody open what is confidential. */
export const ladderTown = {
  version: 1,
  parties: [
    {
      ...{ kind: 'organization', number: directorate, name: 'Direktoratet for uvær', orgCode: 'weather', unitType: 'ORGL' },
      contactPoints: [{ channel: 'email', address: 'post@weather.example' }],
    },
    ...citizens.map((one, i) => written(one, `Borger ${i}`)),
    ...municipalities.flatMap(({ number, director, worker }, i) => [
      { kind: 'organization', number, name: `Uvær ${i} kommune`, unitType: 'KOMM' },
      written(director, `Direktør ${i}`),
      written(worker, `Saksbehandler ${worker.lastName}`),
    ]),
  ],
  roles: municipalities.map(({ number, director }) => ({ holder: director.number, role: 'DAGL', at: number })),
  resources: [
    { id: services.open, type: 'CorrespondenceService', owner: directorate, title: { nb: 'Brev', nn: 'Brev', en: 'Letters' } },
    {
      ...{ id: services.sealed, type: 'CorrespondenceService', owner: directorate, title: { nb: 'Sak', nn: 'Sak', en: 'Case' } },
      readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold'],
    },
  ],
};

/** Clients of all who take part, by number. Their tokens are good for half an hour. */
export async function callersOf(nobody: Client): Promise<ReadonlyMap<string, Client>> {
  const sender = await enterpriseToken(nobody, directorate, ['altinn:serviceowner', 'altinn:correspondence.write']);
  const callers = new Map([[directorate, nobody.with(sender)]]);
  const people = [...citizens, ...municipalities.flatMap(({ director, worker }) => [director, worker])];
  await inTurns(people, async ({ number }) => {
    const token = await personalToken(nobody, number, ['altinn:correspondence.read', 'altinn:portal/enduser']);
    callers.set(number, nobody.with(token));
  });
  return callers;
}
