export { type AnyJob, enqueue, isQueued, type Job, job, moveSleepingJobs, type When } from './job.ts';
export { type JobsOptions, startJobs } from './start-jobs.ts';
export { type AnySweeper, type Sweeper, type Swept, startSweepers, sweeper } from './sweeper.ts';
