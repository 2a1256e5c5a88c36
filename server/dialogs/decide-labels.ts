export type SystemLabel = 'Default' | 'Bin' | 'Archive' | 'MarkedAsUnopened' | 'Sent';

/** Where a dialog lies, and whether it was marked. */
export interface Labels {
  readonly folder: 'Default' | 'Bin' | 'Archive';
  readonly isMarkedUnopened: boolean;
}

export interface Relabelling {
  readonly add: readonly SystemLabel[];
  readonly remove: readonly SystemLabel[];
}

/** Pure. The labels as they are told. */
export function labelsOf({ folder, isMarkedUnopened }: Labels): SystemLabel[] {
  return isMarkedUnopened ? [folder, 'MarkedAsUnopened'] : [folder];
}

/**
 * Pure. What becomes of a dialog's labels. It always lies in one folder: of several that are added the last counts, and one that is
 * taken away gives it back to the inbox. What is added wins over what is removed. Source: compatibility.md, platform, §5.2.
 */
export function relabelled({ folder, isMarkedUnopened }: Labels, { add, remove }: Relabelling): Labels {
  const added = add.findLast((label) => label === 'Default' || label === 'Bin' || label === 'Archive') as Labels['folder'] | undefined;
  const kept = remove.includes(folder) ? 'Default' : folder;
  return {
    folder: added ?? kept,
    isMarkedUnopened: add.includes('MarkedAsUnopened') || (isMarkedUnopened && !remove.includes('MarkedAsUnopened')),
  };
}

/** Pure. What a log tells of a change: each label that went and each that came. */
export function changesBetween(before: Labels, after: Labels): { readonly label: SystemLabel; readonly action: 'set' | 'remove' }[] {
  const [had, has] = [labelsOf(before), labelsOf(after)];
  return [
    ...had.filter((label) => !has.includes(label)).map((label) => ({ label, action: 'remove' as const })),
    ...has.filter((label) => !had.includes(label)).map((label) => ({ label, action: 'set' as const })),
  ];
}
