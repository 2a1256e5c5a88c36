import type { RawBody } from '../../demo/client.ts';

/** A part as it goes over the wire: the clients of the original differ in exactly these headers. */
export interface Part {
  readonly headers: readonly string[];
  readonly body: Buffer | string;
}

const crlf = '\r\n';

/** Writes a form byte by byte, so that a test can send what a library would not. */
export function multipart(parts: readonly Part[], boundary = 'budstikke-7MA4YWxkTrZu0gW'): RawBody {
  const written = parts.map(({ headers, body }) =>
    Buffer.concat([Buffer.from(`--${boundary}${crlf}${headers.join(crlf)}${crlf}${crlf}`), Buffer.from(body), Buffer.from(crlf)]),
  );
  return {
    mediaType: `multipart/form-data; boundary=${boundary}`,
    bytes: Buffer.concat([...written, Buffer.from(`--${boundary}--${crlf}`)]),
  };
}

/** A text part as browsers and .NET clients write it. */
export function field(name: string, value: string): Part {
  return { headers: [`Content-Disposition: form-data; name="${name}"`], body: value };
}

/** A text part as Spring writes it: with a media type and a length of its own. */
export function springField(name: string, value: string): Part {
  const body = Buffer.from(value);
  return {
    headers: [`Content-Disposition: form-data; name="${name}"`, 'Content-Type: text/plain;charset=UTF-8', `Content-Length: ${body.length}`],
    body,
  };
}

export function file(name: string, fileName: string, mediaType: string, body: Buffer): Part {
  return { headers: [`Content-Disposition: form-data; name="${name}"; filename="${fileName}"`, `Content-Type: ${mediaType}`], body };
}

/** A file whose name is given by RFC 5987 beside a plain one in ASCII, as Spring does for letters beyond it. */
export function springFile(name: string, fileName: string, mediaType: string, body: Buffer): Part {
  const plain = fileName.replaceAll(/[^\u0020-\u007e]/g, '?');
  const disposition = `Content-Disposition: form-data; name="${name}"; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(fileName)}`;
  return { headers: [disposition, `Content-Type: ${mediaType}`, `Content-Length: ${body.length}`], body };
}
