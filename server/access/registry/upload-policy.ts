import type { Blobs } from '#blobs/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { BlobKey, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import { announceAccessChanges } from '../announce.ts';
import { readPolicy } from '../policies/read-policy.ts';
import { saveResources } from '../seed/save-resources.ts';
import { findResource } from '../store/resources.ts';
import { listUnknownNames } from '../store/roles.ts';
import { registryErrors as e } from './errors.ts';
import { lockOwn } from './write-resource.ts';

export const mostPolicyBytes = 1024 * 1024;

/** A policy as a form brings it: as a file, or as a field without a name of a file. */
export interface PolicyUpload {
  readonly files: readonly ReceivedFile[];
  readonly text: string | undefined;
}

/**
 * The owner of a resource uploads its policy, in place of what it had. From the same transaction on it decides, and who can open
 * unread post is found out anew. The same again changes nothing.
 *
 * Refuses policyMissing, policyTooLarge, every row of `policyErrors` with the element and its line, policyNamesUnknown,
 * unknownResource, notOwner. Source: compatibility.md, platform, §2.8; docs/policies.md.
 */
export async function uploadPolicy(
  ctx: Context & { readonly blobs: Blobs },
  caller: Caller,
  id: ResourceId,
  upload: PolicyUpload,
): Promise<void> {
  const policyXml = await textOf(ctx.blobs, upload);
  const { roles, packages } = readPolicy(policyXml, id);
  await ctx.db.transaction(async (tx) => {
    const registered = await lockOwn(tx, caller, id, e.unknownResource);
    const names = await listUnknownNames(tx, { roles, packages });
    if (names.length > 0) throw refuse(e.policyNamesUnknown, { names: names.join(', ') });
    const now = (await findResource(tx, id))!;
    const ownPreset = now.ladder !== (now.confidential ? 'confidential' : 'ordinary');
    const unreachable = registered.document?.budstikke?.unreachable ?? (now.unreachable === 'fallback' ? now.unreachable : undefined);
    saveResources(tx, [
      {
        id,
        type: now.type,
        owner: now.ownerId,
        title: now.title,
        policyXml,
        strictAltinn: now.strictAltinn,
        accessList: now.accessList,
        broker: now.broker,
        fallback: now.fallback,
        demandsPerson: now.demandsPerson,
        ...(ownPreset ? { ladder: now.ladder } : {}),
        ...(unreachable ? { unreachable } : {}),
      },
    ]);
    await announceAccessChanges(tx);
  });
}

async function textOf(blobs: Blobs, { files, text }: PolicyUpload): Promise<string> {
  const file = files.find(({ fieldName }) => fieldName === 'policyfile');
  try {
    if (!file && text === undefined) throw refuse(e.policyMissing);
    if ((file?.sizeBytes ?? text!.length) > mostPolicyBytes) throw refuse(e.policyTooLarge);
    return file ? await readText(blobs, file.key as BlobKey) : text!;
  } finally {
    await Promise.allSettled(files.map(({ key }) => blobs.remove(key as BlobKey)));
  }
}

async function readText(blobs: Blobs, key: BlobKey): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of (await blobs.read(key)) as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
