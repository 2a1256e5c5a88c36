export type { OperatorContext } from './context.ts';
