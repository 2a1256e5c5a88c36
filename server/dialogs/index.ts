export type { DialogContext } from './context.ts';
export { dialogErrors } from './errors.ts';
export { onLabelsChanged } from './hooks.ts';
export { setLabels } from './set-labels.ts';
