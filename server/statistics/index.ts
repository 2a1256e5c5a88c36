export type { StatisticsContext } from './context.ts';
export { makeDueReport } from './make-due-report.ts';
