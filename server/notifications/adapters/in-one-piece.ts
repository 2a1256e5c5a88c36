import { Readable } from 'node:stream';
import * as base64 from 'nodemailer/lib/base64';
import type { PluginFunction } from 'nodemailer/lib/mailer';
import type MimeNode from 'nodemailer/lib/mime-node';
import * as quoted from 'nodemailer/lib/qp';

/**
 * A plugin for the library's step `stream`. A mail that is one text goes to the connection in one piece: byte by byte what the library
 * sends, by its own headers and encodings, without the streams that it makes for each mail. One with attachments goes the library's way.
 */
export const inOnePiece: PluginFunction = ({ message }, done) => {
  const { content, childNodes } = message;
  if (typeof content === 'string' && childNodes.length === 0)
    message.createReadStream = () => Readable.from(Buffer.from(written(message, content)));
  done();
};

function written(message: MimeNode, content: string): string {
  const text = `${message.buildHeaders()}\r\n\r\n${encoded(message.getTransferEncoding(), content)}`;
  if (text.endsWith('\n')) return text;
  return text.endsWith('\r') ? `${text}\n` : `${text}\r\n`;
}

function encoded(transferEncoding: string | false, content: string): string {
  if (transferEncoding === 'quoted-printable') return quoted.wrap(quoted.encode(content));
  return transferEncoding === 'base64' ? base64.wrap(base64.encode(content)) : content;
}
