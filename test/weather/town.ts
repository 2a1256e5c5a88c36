import { type Client, enterpriseToken, personalToken } from '../../demo/client.ts';

export const resourceId = 'weather-letters';
const directorate = '315001285';
export const citizens = ['10906916350', '11917017052', '12927117779', '14827319156', '15837419872'] as const;

/** A directorate that sends, and citizens who are told by e-mail. */
export const town = {
  version: 1,
  parties: [
    { kind: 'organization', number: directorate, name: 'Direktoratet for uvær', orgCode: 'weather', unitType: 'ORGL' },
    ...citizens.map((number, i) => ({
      kind: 'person',
      number,
      name: `Borger ${i}`,
      contactPoints: [{ channel: 'email', address: `borger-${i}@weather.example` }],
    })),
  ],
  resources: [{ id: resourceId, type: 'CorrespondenceService', owner: directorate, title: { nb: 'Brev', nn: 'Brev', en: 'Letters' } }],
};

/** Tokens of all who take part. They are good for half an hour, at every server. */
export interface Tokens {
  readonly sender: string;
  readonly citizens: readonly string[];
}

export async function tokensOf(server: Client): Promise<Tokens> {
  return {
    sender: await enterpriseToken(server, directorate, ['altinn:serviceowner', 'altinn:correspondence.write']),
    citizens: await Promise.all(
      citizens.map((number) => personalToken(server, number, ['altinn:correspondence.read', 'altinn:portal/enduser'])),
    ),
  };
}
