import type { PrintHouse } from '../print-house.ts';
import { collectStatusOver } from './collect-status.ts';
import { dropOver } from './drop-envelope.ts';
import { type SftpPlace, withRemote } from './remote.ts';
import { forgetOver, takeBackOver } from './take-back.ts';

/**
 * A directory that lies with the print house, reached by SFTP, in which the same stands as in one of our own: a folder for each envelope
 * that appears whole, `.making`, `.ledger`, and `status`.
 */
export function createSftpHouse(place: SftpPlace): PrintHouse {
  return {
    drop: (envelope) => withRemote(place, (remote) => dropOver(remote, place.directory, envelope)),
    takeBack: (id) => withRemote(place, (remote) => takeBackOver(remote, place.directory, id)),
    forget: (id) => withRemote(place, (remote) => forgetOver(remote, place.directory, id)),
    collectStatus: (take) => withRemote(place, (remote) => collectStatusOver(remote, `${place.directory}/status`, take)),
  };
}
