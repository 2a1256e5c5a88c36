/** How long something has lain unread, in bands: `unread.age_band` in SQL has the same. */
export const ages = ['d0', 'd1', 'd2to7', 'd8to30', 'd31plus'] as const;
export type Age = (typeof ages)[number];
