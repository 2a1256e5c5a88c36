import { ask, Refusal } from './ask.ts';

const base = '/correspondence/api/v1/attachment';

interface Attachment {
  readonly attachmentId: string;
  readonly status: 'Initialized' | 'UploadProcessing' | 'Published' | 'Purged' | 'Failed';
  readonly statusText: string;
}

/** A refusal that is about one file of several. */
export class FileRefusal extends Refusal {
  readonly fileName: string;

  constructor({ status, message, row, code, reference }: Refusal, fileName: string) {
    const said = { detail: message, ...(row && { code: row }), ...(code && { errorCode: code }), ...(reference && { traceId: reference }) };
    super(status, said);
    this.fileName = fileName;
  }
}

/** A file is looked through for malware before a letter may refer to it. */
const askEveryMillis = 1000;
const mostAsking = 180;

/**
 * Hands over a file that letters of a service may share, and answers its id when it has been looked through. Refuses in the server's
 * words, and says of which file; one that was found to be bad as a refusal too.
 */
export async function handOver(...asked: Parameters<typeof handOverOne>): Promise<string> {
  try {
    return await handOverOne(...asked);
  } catch (error) {
    throw error instanceof Refusal ? new FileRefusal(error, asked[2].name) : error;
  }
}

async function handOverOne(actingFor: string, resourceId: string, file: File, sendersReference: string): Promise<string> {
  const body = { resourceId, fileName: file.name, sendersReference };
  const id = await ask<string>(base, { method: 'POST', body, actingFor });
  let attachment = await ask<Attachment>(`${base}/${id}/upload`, { method: 'POST', bytes: file, actingFor });
  for (let asked = 0; attachment.status !== 'Published'; asked += 1) {
    if (attachment.status === 'Failed' || attachment.status === 'Purged' || asked === mostAsking)
      throw new Refusal(422, { detail: attachment.statusText });
    await new Promise((resolve) => setTimeout(resolve, askEveryMillis));
    attachment = await ask<Attachment>(`${base}/${id}`, { actingFor });
  }
  return id;
}
