import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '#kernel/start-error.ts';
import type { Trust } from './find-chain.ts';
import { type ReadCertificate, readCertificate } from './read-certificate.ts';

const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----/g;

/**
 * Reads whom to trust from a PEM file, or from all PEM files (`.pem`, `.crt`, `.cer`) of a directory: what is signed by itself is an
 * anchor, the others are authorities on the way to one.
 * Refuses (StartError) what cannot be read, what is no authority, and a place without any anchor.
 */
export function readTrust(path: string): Trust {
  const found = filesOf(path).flatMap((file) => readPem(readText(file), file));
  const wrong = found.find(({ certificate }) => !certificate.isAuthority);
  if (wrong)
    throw new StartError(
      `${wrong.file} holds a certificate that is no authority: ${wrong.certificate.x509.subject.replaceAll('\n', ', ')}.`,
    );
  const all = found.map(({ certificate }) => certificate);
  const anchors = all.filter(({ isSelfSigned }) => isSelfSigned);
  if (anchors.length === 0)
    throw new StartError(`${path} holds no certificate that is signed by itself, and so nothing that a chain could end at.`);
  return { anchors, intermediates: all.filter(({ isSelfSigned }) => !isSelfSigned) };
}

function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path)
      .filter((name) => /\.(?:pem|crt|cer)$/i.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw cannotRead(path, error);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw cannotRead(file, error);
  }
}

const cannotRead = (path: string, error: unknown): StartError =>
  new StartError(`The certificates at ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);

function readPem(text: string, file: string): { file: string; certificate: ReadCertificate }[] {
  const blocks = [...text.matchAll(block)];
  if (blocks.length === 0) throw new StartError(`${file} holds no certificate in PEM.`);
  return blocks.map(([, base64]) => {
    const certificate = readCertificate(Buffer.from(base64!, 'base64'));
    if (!certificate) throw new StartError(`${file} holds a certificate that cannot be read.`);
    return { file, certificate };
  });
}
