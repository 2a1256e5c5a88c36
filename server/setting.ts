/** What one setting is: read from `BUDSTIKKE_<name>`. */
export interface Setting<T> {
  readonly meaning: string;
  /** What holds when it is not set. `required`: production does not start without it. */
  readonly sandbox: T | undefined;
  readonly production: T | undefined | 'required';
  readonly read: (text: string) => T;
  readonly type: string;
  readonly secret?: true;
  /** What is not required where that one is set. */
  readonly unless?: string;
}

export const setting = <T>(row: Setting<T>): Setting<T> => row;
