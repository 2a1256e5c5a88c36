import { type Ending, endingOf, nameProblem } from '#kernel/attachable.ts';
import type { ErrorRow } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';

interface FileType {
  readonly dataType: string;
  readonly served?: string;
  readonly inline?: true;
}

/** What may be attached, and what it is called on the wire. Source: compatibility.md, correspondence, §2.5, §4.9. */
const types: Readonly<Record<Ending, FileType>> = {
  '.doc': { dataType: 'application/msword' },
  '.xls': { dataType: 'application/vnd.ms-excel' },
  '.docx': { dataType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' },
  '.xlsx': { dataType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
  '.ppt': { dataType: 'application/vnd.ms-powerpoint' },
  '.pps': { dataType: 'application/vnd.ms-powerpoint' },
  '.zip': { dataType: 'application/zip' },
  '.pdf': { dataType: 'application/pdf', served: 'application/pdf', inline: true },
  '.html': { dataType: 'text/html', served: 'text/html; charset=utf-8' },
  '.txt': { dataType: 'text/plain', served: 'text/plain; charset=utf-8' },
  '.xml': { dataType: 'text/xml', served: 'application/xml; charset=utf-8' },
  '.jpg': { dataType: 'image/jpeg', served: 'image/jpeg', inline: true },
  '.jpeg': { dataType: 'image/jpeg', served: 'image/jpeg', inline: true },
  '.gif': { dataType: 'image/gif', served: 'image/gif', inline: true },
  '.bmp': { dataType: 'image/bmp', served: 'image/bmp', inline: true },
  '.png': { dataType: 'image/png', served: 'image/png', inline: true },
  '.json': { dataType: 'application/json', served: 'application/json; charset=utf-8' },
  '.csv': { dataType: 'text/csv', served: 'text/csv; charset=utf-8' },
  '.dcm': { dataType: 'application/dicom', served: 'application/dicom' },
  '.dicom': { dataType: 'application/dicom', served: 'application/dicom' },
};

const refusals = {
  missing: e.fileNameMissing,
  long: e.fileNameTooLong,
  type: e.fileTypeNotAllowed,
  characters: e.fileNameInvalid,
  reserved: e.fileNameReserved,
} as const;

/** Pure. What is wrong with the name of a file that someone wants to attach, the first that holds. */
export function fileNameError(fileName: string | null): ErrorRow | undefined {
  const problem = nameProblem(fileName ?? '');
  return problem && refusals[problem];
}

const typeOf = (fileName: string): FileType | undefined => {
  const ending = endingOf(fileName);
  return ending && types[ending];
};

/** Pure. `dataType` of an attachment as answers show it. */
export function dataTypeOf(fileName: string): string {
  return typeOf(fileName)?.dataType ?? 'binary_octet_stream';
}

function disposition(kind: 'inline' | 'attachment', fileName: string): string {
  const name = encodeURIComponent(fileName).replaceAll(/['()*!]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename*=UTF-8''${name}`;
}

/** Pure. The disposition of what is to be saved under this name. Source: RFC 6266, RFC 8187. */
export function asAttachment(fileName: string): string {
  return disposition('attachment', fileName);
}

/**
 * What is shown stands at the address of the session, and may do nothing there. Viewers of PDF in browsers show nothing in a sandbox; they
 * run what a PDF holds apart from our pages.
 */
const shownPolicy = {
  picture: "default-src 'none'; sandbox",
  pdf: "default-src 'none'; object-src 'self'; base-uri 'none'; form-action 'none'",
};

/** Pure. Headers under which a recipient's download is served: pictures and PDF may be shown, the rest is saved. */
export function downloadHeaders(fileName: string): Readonly<Record<string, string>> {
  const type = typeOf(fileName);
  return {
    'content-type': type?.served ?? 'application/octet-stream',
    'content-disposition': disposition(type?.inline ? 'inline' : 'attachment', fileName),
    'content-security-policy': type?.served === 'application/pdf' ? shownPolicy.pdf : shownPolicy.picture,
  };
}
