import { adaptersOn, ceph, startedOn } from './blob-stores.ts';
import { holdsInTrouble, holdsItsBucket } from './blobs-in-trouble.ts';
import { holdBlobs } from './hold-blobs.ts';
import { holdsUploads } from './hold-uploads.ts';

await holdBlobs([...adaptersOn('disk'), ...adaptersOn(ceph.name)]);
const server = await startedOn(ceph);
await holdsInTrouble(ceph.name, server, ceph.skip); // of our side and not of a server's: one is enough
await holdsItsBucket(ceph.name, server, ceph.skip);
await holdsUploads(ceph.name, server, ceph.skip);
