export type { DialogContext } from './context.ts';
export { dialogErrors } from './errors.ts';
export { onLabelsChanged } from './hooks.ts';
export { setLabels, setLabelsWithin } from './set-labels.ts';
export { listPlaces } from './store/dialog.ts';
