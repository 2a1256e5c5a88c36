import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Closers } from './closers.ts';
import { memorySource, sendBytes, together } from './files/drive.ts';
import { type Load, loadsOf, measureAll, smallBytes, type Way } from './files/measure.ts';
import { startSftp } from './files/others.ts';
import { type Stage, setStage } from './files/stage.ts';
import type { BenchOptions, Report } from './options.ts';

const bare = 'bare, with both hashes';
const whole = 'ours, in one request';
const uploadShare = 0.9;

const bareWithRows = 'bare, and the same rows joined';
const announcedToo = 'ours, announced too';
const rowsShare = 0.6;
/** A large file's rows are nothing beside its bytes. */
const isSmall = ({ sizeBytes }: Load) => sizeBytes <= smallBytes;

/**
 * Files that come: in one request and by tus in parts, beside a bare server that hashes twice as well, and OpenSSH's sftp. A bare server
 * writes no rows, which are most of what a small file costs: so small ones are compared with one that writes the same rows, too; of both
 * the whole is measured then, the announcement with the bytes.
 */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const stage = await setStage(options, closers);
  const put = await startSftp(stage.folder, closers);
  const sources = join(stage.folder, 'sources');
  const ways: Way[] = [
    { name: bare, isOurs: false, usage: stage.bareUsage, prepare: async (load) => () => toBare(stage, load) },
    { name: whole, isOurs: true, usage: stage.server.usage, prepare: (load) => byRequest(stage, load) },
    {
      name: bareWithRows,
      isOurs: false,
      usage: stage.bareUsage,
      carries: isSmall,
      prepare: async (load) => () => toBare(stage, load, 'rows'),
    },
    {
      name: announcedToo,
      isOurs: true,
      usage: stage.server.usage,
      carries: isSmall,
      prepare: async (load) => () => announcedAndSent(stage, load),
    },
    { name: 'ours, by tus in one line', isOurs: true, usage: stage.server.usage, prepare: (load) => byTus(stage, load, 1) },
    { name: 'ours, by tus in 4 parts', isOurs: true, usage: stage.server.usage, prepare: (load) => byTus(stage, load, 4) },
    ...(put
      ? [
          {
            name: 'sftp of OpenSSH, without hashes',
            isOurs: false,
            // One connection carries one file at a time, and a hundred logins would measure logins.
            carries: ({ files }: Load) => files === 1,
            prepare: async ({ sizeBytes }: Load) => {
              const file = `${sources}-${sizeBytes}`;
              await pipeline(memorySource(sizeBytes).read(0, sizeBytes), createWriteStream(file));
              return () => put(file);
            },
          },
        ]
      : []),
  ];
  const faults = options.loads.includes('small') ? await stage.tellRows() : [];
  return measureAll({
    bench: 'upload',
    loads: loadsOf(options),
    ways,
    server: stage.server,
    repeats: options.repeats,
    faults,
    tellProfile: stage.tellProfile,
    goals: [
      { ours: whole, of: bare, share: uploadShare },
      { ours: announcedToo, of: bareWithRows, share: rowsShare },
    ],
  });
}

function toBare({ bareUrl }: Stage, { files, sizeBytes, atOnce }: Load, path = ''): Promise<void> {
  return together(
    Array.from({ length: files }, () => `${bareUrl}/${path}`),
    atOnce,
    (url) => sendBytes({ url }, sizeBytes),
  );
}

async function announced({ announce }: Stage, { files }: Load): Promise<readonly string[]> {
  const ids: string[] = [];
  await together(Array.from({ length: files }), 8, async () => ids.push(await announce()));
  return ids;
}

function announcedAndSent({ announce, server, senderToken: token, uploadPath }: Stage, { files, atOnce, sizeBytes }: Load): Promise<void> {
  return together(Array.from({ length: files }), atOnce, async () => {
    await sendBytes({ url: server.url + uploadPath(await announce()), token }, sizeBytes);
  });
}

async function byRequest(stage: Stage, load: Load): Promise<() => Promise<void>> {
  const ids = await announced(stage, load);
  const { server, senderToken: token, uploadPath } = stage;
  return () => together(ids, load.atOnce, (id) => sendBytes({ url: server.url + uploadPath(id), token }, load.sizeBytes));
}

async function byTus(stage: Stage, load: Load, parts: number): Promise<() => Promise<void>> {
  const ids = await announced(stage, load);
  return () => together(ids, load.atOnce, (id) => stage.transfers.upload(id, memorySource(load.sizeBytes), { parts }));
}
