import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/*
 * An archive as `zip -e` makes it: one stored file under the traditional encryption. Source: PKWARE, APPNOTE.TXT 6.3.10, §4.3 and §6.1.
 */

/** The cipher's three keys, after the password. */
function cipherOf(password: string): (plain: number) => number {
  let [a, b, c] = [0x12345678, 0x23456789, 0x34567890];
  const crcStep = (crc: number, byte: number): number => {
    let value = (crc ^ byte) & 0xff;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return ((crc >>> 8) ^ value) >>> 0;
  };
  const turn = (byte: number): void => {
    a = crcStep(a, byte);
    b = (Math.imul((b + (a & 0xff)) | 0, 134775813) + 1) >>> 0;
    c = crcStep(c, b >>> 24);
  };
  for (const byte of Buffer.from(password)) turn(byte);
  return (plain) => {
    const mask = (c | 2) & 0xffff;
    const shut = plain ^ ((Math.imul(mask, mask ^ 1) >>> 8) & 0xff);
    turn(plain);
    return shut;
  };
}

/** The archive's bytes. Without a password it is the same archive, which anybody can look into. */
export function archiveOf(name: string, content: Buffer, password?: string): Buffer {
  const crc = crc32(content);
  const body = password === undefined ? content : encrypted(content, crc, password);
  const fileName = Buffer.from(name);
  const shared = Buffer.alloc(26); // version needed, flags, method, time, date, CRC, sizes, lengths of name and extra field
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(password === undefined ? 0 : 1, 2);
  shared.writeUInt16LE(0x5a21, 8);
  shared.writeUInt32LE(crc, 10);
  shared.writeUInt32LE(body.length, 14);
  shared.writeUInt32LE(content.length, 18);
  shared.writeUInt16LE(fileName.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, fileName, body]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, Buffer.alloc(14), fileName]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

/** Twelve bytes of chance, of which the last shows whether the password is right, and the content. */
function encrypted(content: Buffer, crc: number, password: string): Buffer {
  const shut = cipherOf(password);
  const head = randomBytes(12);
  head[11] = crc >>> 24;
  return Buffer.from([...head, ...content].map(shut));
}
