/** The client went away before it was served. Nobody is left to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}
