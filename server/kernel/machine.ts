/** State → event → next state. Every move that exists is in the table; `next` is the only way to a new state. */
export type Machine = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type StateOf<M extends Machine> = keyof M & string;
export type EventOf<M extends Machine> = { [S in keyof M]: keyof M[S] }[keyof M] & string;

/** The state that `event` leads to from `state`, or undefined where no such move exists. */
export function next<M extends Machine>(machine: M, state: StateOf<M>, event: EventOf<M>): StateOf<M> | undefined {
  return machine[state]?.[event] as StateOf<M> | undefined;
}
