import { randomUUID } from 'node:crypto';
import { until } from '../../../demo/wait.ts';
import { api, letter, municipalityUrn, people, resources } from '../town.ts';
import type { OwnCallers } from './own-api.ts';
import { more, type Scene } from './scene.ts';

/** What the provocations of our own API stand on besides. */
export interface OwnScene extends Scene {
  readonly own: OwnCallers;
  /** To the municipality, published and read by nobody; sealed, and not. */
  readonly sealed: string;
  readonly plain: string;
  /** The party of the leader, and of the municipality. */
  readonly self: string;
  readonly municipality: string;
}

export async function openOwnScene(scene: Scene, own: OwnCallers): Promise<OwnScene> {
  const toMunicipality = async (bend: Parameters<typeof letter>[1]) =>
    publish(scene, { ...bend, request: { recipients: [municipalityUrn] } });
  const { parties } = (await own.manager.get('/budstikke/v1/session/parties')).json<{ parties: { id: string; kind: string }[] }>();
  const idOf = (kind: string): string => parties.find((each) => each.kind === kind)!.id;
  return {
    ...{ ...scene, own, self: idOf('person'), municipality: idOf('organization') },
    sealed: await toMunicipality({ correspondence: { resourceId: resources.sealed, isConfidential: true } }),
    plain: await toMunicipality({}),
  };
}

type Bend = Parameters<typeof letter>[1];

/** A letter of its own, to the citizen unless it is bent, that is published. */
export async function publish(scene: Pick<Scene, 'send' | 'callers'>, bend: Bend = {}): Promise<string> {
  const { id } = await scene.send(letter(randomUUID(), bend));
  await until('publication', async () => {
    const { status } = (await scene.callers.directorate.get(`${api}/correspondence/${id}`)).json<{ status: string }>();
    if (status !== 'Published') throw new Error(status);
  });
  return id;
}

/** A file to the municipality: announced, and sent, fetched or confirmed as far as is asked. */
export async function transfer(scene: OwnScene, far: 'announced' | 'sent' | 'fetched' | 'confirmed'): Promise<string> {
  const { directorate, municipality } = scene.own;
  const broker = '/broker/api/v1/filetransfer';
  const made = await directorate.post(broker, {
    ...{ fileName: 'a.txt', resourceId: more.fetched, sendersFileTransferReference: '1', propertyList: {} },
    ...{ sender: `0192:${people.directorate}`, recipients: [`0192:${people.municipality}`] },
  });
  if (made.status !== 200) throw new Error(made.text);
  const id = made.json<{ fileTransferId: string }>().fileTransferId;
  if (far === 'announced') return id;
  const uploaded = await directorate.post(`${broker}/${id}/upload`, { mediaType: 'application/octet-stream', bytes: Buffer.from('abc') });
  if (uploaded.status >= 300) throw new Error(uploaded.text);
  await until('publication', async () => {
    const { fileTransferStatus } = (await directorate.get(`${broker}/${id}`)).json<{ fileTransferStatus: string }>();
    if (fileTransferStatus !== 'Published') throw new Error(fileTransferStatus);
  });
  if (far === 'sent') return id;
  await municipality.get(`${broker}/${id}/download`);
  if (far === 'confirmed') await municipality.post(`${broker}/${id}/confirmdownload`);
  return id;
}
