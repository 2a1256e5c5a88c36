import { nameProblem } from '../../server/kernel/attachable.ts';

/** Of a file that is sent with a letter, as the server has it. */
const mostBytes = 2_000_000_000;

/** What keeps a file from going with a letter, as far as it can be seen before it is sent. */
export function fileProblem({ name, size }: Pick<File, 'name' | 'size'>): ReturnType<typeof nameProblem> | 'empty' | 'large' {
  if (size === 0) return 'empty';
  return size > mostBytes ? 'large' : nameProblem(name);
}

export function isGoodFile(file: File): boolean {
  return fileProblem(file) === undefined;
}
