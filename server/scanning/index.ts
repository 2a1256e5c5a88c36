export { type ClamdOptions, createClamdScanner } from './clamd-scanner.ts';
export { jsonOf, mayTellResults, scanResultAnswers, secretHeader } from './hear-results.ts';
export { readScanEvent, type ScanEvent, scannerOutside } from './read-scan-event.ts';
export { type SettledScan, scanStored } from './scan-stored.ts';
export { CannotTell, type Scanner, type ScanResult, simulatedScanner } from './scanner.ts';
