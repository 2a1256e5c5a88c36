import type { DialogTokens } from '#identity/index.ts';
import type { Context } from '#kernel/context.ts';

/** What dialogs need beside a database and a clock. */
export interface DialogContext extends Context {
  readonly dialogTokens: Pick<DialogTokens, 'sign' | 'keySet' | 'issuer' | 'keySetAddress'>;
  /** Where the bodies and files that a dialog refers to are fetched. */
  readonly publicUrl: string;
}
