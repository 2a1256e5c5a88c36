import { adaptersOn, startedOn, swift } from './blob-stores.ts';
import { holdsItsBucket } from './blobs-in-trouble.ts';
import { holdBlobs } from './hold-blobs.ts';

await holdBlobs(adaptersOn(swift.name));
await holdsItsBucket(swift.name, await startedOn(swift), swift.skip);
