import type { Remote } from './remote-files.ts';

const backOf = (directory: string, id: string): string => `${directory}/.making/${id}.back`;

/** A rename takes it from where the house looks, whole; who comes after a cut line finds it there. False: the house has it. */
export async function takeBackOver(remote: Remote, directory: string, id: string): Promise<boolean> {
  await remote.makeDirectory(`${directory}/.making`);
  const back = backOf(directory, id);
  return (await remote.rename(`${directory}/${id}`, back)) || (await remote.changedAt(back)) !== undefined;
}

export async function forgetOver(remote: Remote, directory: string, id: string): Promise<void> {
  await remote.remove(backOf(directory, id));
}
