import { fromBER } from 'asn1js';
import { BasicOCSPResponse, CertID, getCrypto, OCSPRequest, OCSPResponse, type SingleResponse } from 'pkijs';
import { isStrong, isStrongSignature } from './judge-certificate.ts';
import { hasSigned, oid, type ReadCertificate, readCertificate } from './read-certificate.ts';

/** What a responder said of one certificate, checked. */
export interface ResponderAnswer {
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly nextUpdate: Date;
}

/** Of the names in the question, not of a signature: the one that every responder knows (RFC 6960 §4.3). */
const naming = 'SHA-1';
const skewMillis = 5 * 60_000;
/** An answer that does not say until when it holds is for now. */
const holdsMillis = 5 * 60_000;
const oldestMillis = 24 * 60 * 60_000;

/** The question to a responder, DER. */
export async function askResponder(certificate: ReadCertificate, issuer: ReadCertificate): Promise<Uint8Array> {
  const request = new OCSPRequest();
  await request.createForCertificate(certificate.parsed, { hashAlgorithm: naming, issuerCertificate: issuer.parsed });
  return new Uint8Array(request.toSchema(true).toBER(false));
}

/**
 * Takes the answer of a responder apart. It counts when it is about this certificate, of now, and signed by the issuer itself or
 * by one to whom the issuer gave that task (RFC 6960 §4.2.2.2). Throws an Error that says why it does not count.
 */
export async function readResponderAnswer(
  bytes: Uint8Array,
  certificate: ReadCertificate,
  issuer: ReadCertificate,
  at: Date,
): Promise<ResponderAnswer> {
  const basic = readBasic(bytes);
  if (!isStrongSignature(basic.signatureAlgorithm.algorithmId)) throw new Error('it is weakly signed');
  if (!(await isSignedFor(basic, issuer, at))) throw new Error('it is not signed by the issuer, nor by one whom the issuer named');

  const wanted = new CertID();
  await wanted.createForCertificate(certificate.parsed, { hashAlgorithm: naming, issuerCertificate: issuer.parsed });
  const single = basic.tbsResponseData.responses.find(({ certID }) => certID.isEqual(wanted));
  if (!single) throw new Error('it says nothing of this certificate');
  const { thisUpdate, nextUpdate } = single;
  if (thisUpdate.getTime() > at.getTime() + skewMillis) throw new Error('it is of a time that has not come');
  if (nextUpdate ? nextUpdate < at : thisUpdate.getTime() < at.getTime() - oldestMillis) throw new Error('it is old');
  return { status: statusOf(single), nextUpdate: nextUpdate ?? new Date(at.getTime() + holdsMillis) };
}

function readBasic(bytes: Uint8Array): BasicOCSPResponse {
  const { result, offset } = fromBER(bytes);
  if (offset === -1) throw new Error('it is no answer of a responder');
  const { responseStatus, responseBytes } = new OCSPResponse({ schema: result });
  const status = responseStatus.valueBlock.valueDec;
  if (status !== 0 || !responseBytes) throw new Error(`the responder gave no answer (${status})`);
  return new BasicOCSPResponse({ schema: fromBER(responseBytes.response.valueBlock.valueHexView).result });
}

async function isSignedFor(basic: BasicOCSPResponse, issuer: ReadCertificate, at: Date): Promise<boolean> {
  const named = (basic.certs ?? []).slice(0, 5).map((each) => readCertificate(new Uint8Array(each.toSchema().toBER(false))));
  const signers = [issuer, ...named.filter((each) => each !== undefined && mayAnswer(each, issuer, at))] as ReadCertificate[];
  for (const { parsed } of signers) {
    const data = basic.tbsResponseData.tbsView as Uint8Array<ArrayBuffer>;
    const holds = getCrypto(true).verifyWithPublicKey(data, basic.signature, parsed.subjectPublicKeyInfo, basic.signatureAlgorithm);
    if (await holds.catch(() => false)) return true; // another kind of key is no fault
  }
  return false;
}

/** Whether the issuer has given somebody the task of answering for it. */
function mayAnswer(one: ReadCertificate, issuer: ReadCertificate, at: Date): boolean {
  if (!one.extendedKeyUsage?.includes(oid.ocspSigning) || at < one.validFrom || at > one.validTo) return false;
  return isStrong(one) && hasSigned(issuer, one);
}

function statusOf({ certStatus }: SingleResponse): ResponderAnswer['status'] {
  const { tagNumber } = (certStatus as { idBlock: { tagNumber: number } }).idBlock;
  return tagNumber === 0 ? 'good' : tagNumber === 1 ? 'revoked' : 'unknown';
}
