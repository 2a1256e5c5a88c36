import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generated, root } from './generated.ts';

/** `npm run print`: renews every file that is made from another truth. */
for (const { path, print } of generated) {
  const text = await print();
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`printed ${path}`);
}
