import { ToldError } from '../told-error.ts';

/** What a script can tell the end of a transfer command by. */
export const exitCodes = {
  done: 0,
  fault: 1,
  usage: 2,
  refused: 3,
  unauthenticated: 4,
  otherBytes: 5,
  unreachable: 6,
  interrupted: 130,
} as const;

export const exitCodesHelp = `
Exit codes:
  0  done
  1  it failed for a reason of its own, such as a file that cannot be read or a full disk
  2  the command was not understood
  3  the server refused it; --json tells the name and code of the refusal
  4  no token, or one that is not trusted or lacks the scope
  5  the bytes are not those that were sent, or became fewer meanwhile: nothing was kept, or nothing was confirmed
  6  the server could not be reached, or broke off too often; the same command goes on from where it was
  130  interrupted; the same command goes on from where it was`;

/** The bytes that are held are not those that were sent. */
export class OtherBytes extends Error {
  override readonly name = 'OtherBytes';
}

/** Options that do not go together, or too few. */
export class Misused extends ToldError {}
