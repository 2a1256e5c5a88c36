import type { ErrorRow } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';

/** What may be attached, and what it is called on the wire. Source: compatibility.md, correspondence, §2.5, §4.9. */
const types: Readonly<Record<string, { readonly dataType: string; readonly served?: string; readonly inline?: true }>> = {
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

function extensionOf(fileName: string): string {
  const dot = fileName.lastIndexOf('.');
  return dot < 0 ? '' : fileName.slice(dot).toLowerCase();
}

const forbidden = /[<>:"/\\|?*]/;
const reserved = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/i;

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return true;
  return false;
}

/** Pure. What is wrong with the name of a file that someone wants to attach, the first that holds. */
export function fileNameError(fileName: string | null): ErrorRow | undefined {
  if (fileName === null || fileName.trim() === '') return e.fileNameMissing;
  if (fileName.length > 255) return e.fileNameTooLong;
  if (!(extensionOf(fileName) in types)) return e.fileTypeNotAllowed;
  if (forbidden.test(fileName) || hasControlCharacter(fileName)) return e.fileNameInvalid;
  if (reserved.test(fileName)) return e.fileNameReserved;
  return undefined;
}

/** Pure. `dataType` of an attachment as answers show it. */
export function dataTypeOf(fileName: string): string {
  return types[extensionOf(fileName)]?.dataType ?? 'binary_octet_stream';
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
  const type = types[extensionOf(fileName)];
  return {
    'content-type': type?.served ?? 'application/octet-stream',
    'content-disposition': disposition(type?.inline ? 'inline' : 'attachment', fileName),
    'content-security-policy': type?.served === 'application/pdf' ? shownPolicy.pdf : shownPolicy.picture,
  };
}
