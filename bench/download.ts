import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Closers } from './closers.ts';
import { memorySource, receiveBytes, sendBytes, together } from './files/drive.ts';
import { type Load, loadsOf, measureAll, type Way } from './files/measure.ts';
import { startNginx } from './files/others.ts';
import { type Stage, setStage } from './files/stage.ts';
import type { BenchOptions, Report } from './options.ts';

const ours = 'ours';
const nginx = 'nginx, by sendfile';
const downloadShare = 0.5;

/** Files that are fetched, beside a bare server that reads in pieces of 1 MiB, and nginx. */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const stage = await setStage(options, closers);
  const sent = new Map<number, readonly string[]>();
  const nginxUrl = await startNginx(stage.folder, stage.folder, closers);
  const ways: Way[] = [
    { name: 'bare, 1 MiB at a time', isOurs: false, usage: stage.bareUsage, prepare: (load) => fromFolder(stage, load, stage.bareUrl) },
    { name: ours, isOurs: true, usage: stage.server.usage, prepare: (load) => fromUs(stage, load, sent) },
    ...(nginxUrl ? [{ name: nginx, isOurs: false, prepare: (load: Load) => fromFolder(stage, load, nginxUrl) }] : []),
  ];
  return measureAll({
    bench: 'download',
    loads: loadsOf(options),
    ways,
    server: stage.server,
    repeats: options.repeats,
    tellProfile: stage.tellProfile,
    goals: [{ ours, of: nginx, share: downloadShare }],
  });
}

async function fromFolder({ folder }: Stage, { files, sizeBytes, atOnce }: Load, url: string): Promise<() => Promise<void>> {
  const name = `file-${sizeBytes}`;
  await pipeline(memorySource(sizeBytes).read(0, sizeBytes), createWriteStream(join(folder, name)));
  const all = Array.from({ length: files }, () => `${url}/${name}`);
  return () => together(all, atOnce, (one) => receiveBytes({ url: one }, sizeBytes));
}

/** A transfer for each: recipients fetch different files at once, not one. They are sent once and fetched in each repeat. */
async function fromUs(
  stage: Stage,
  { files, sizeBytes, atOnce }: Load,
  sent: Map<number, readonly string[]>,
): Promise<() => Promise<void>> {
  const { server, senderToken, recipientToken, announce, uploadPath, downloadPath } = stage;
  const ids = sent.get(sizeBytes) ?? [];
  if (ids.length === 0) {
    const made: string[] = [];
    await together(Array.from({ length: files }), 8, async () => {
      const id = await announce();
      await sendBytes({ url: server.url + uploadPath(id), token: senderToken }, sizeBytes);
      made.push(id);
    });
    sent.set(sizeBytes, made);
  }
  const all = sent.get(sizeBytes)!.map((id) => server.url + downloadPath(id));
  return () => together(all, atOnce, (url) => receiveBytes({ url, token: recipientToken }, sizeBytes));
}
