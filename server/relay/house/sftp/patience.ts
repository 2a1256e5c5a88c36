/** Counts the questions that wait for an answer. */
export interface Patience {
  asked(): void;
  answered(): void;
}

/**
 * Ends when there are questions and none of them was answered for so long: each answer is progress, however many others still wait. While
 * nothing is asked (a file is slow to come from our side) nobody is waited for.
 */
export function createPatience(millis: number, end: () => void): Patience {
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    clearTimeout(timer);
    timer = waiting > 0 ? setTimeout(end, millis) : undefined;
  };
  return {
    asked() {
      waiting++;
      if (waiting === 1) begin();
    },
    answered() {
      waiting--;
      begin();
    },
  };
}
