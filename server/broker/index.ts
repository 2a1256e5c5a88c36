export type { BrokerContext } from './context.ts';
export { acceptUnfetched } from './decide/decide-transfer.ts';
export { brokerErrors } from './errors.ts';
export { type ManifestFacts, manifestXml } from './manifest/manifest-xml.ts';
export { oldFileState, oldReceipt, oldTexts } from './manifest/receipt.ts';
export { NoZip, zipWithManifest } from './manifest/zip-with-manifest.ts';
export { fileScanResultRoutes } from './send/scan-results/routes.ts';
export { findNextPurge } from './store/expiry.ts';
export { type FileDaySum, findFirstAnnounced, sumFileDays } from './store/statistics.ts';
