const settings = { ownerReads: false };

/** Settings of access for the whole process; `app.ts` calls it once at the start. */
export function configureAccess(given: { readonly ownerReads: boolean }): void {
  settings.ownerReads = given.ownerReads;
}

/** Whether an owner's token may read for a recipient (BUDSTIKKE_OWNER_READS). It never counts as opened. */
export function ownerMayRead(): boolean {
  return settings.ownerReads;
}
