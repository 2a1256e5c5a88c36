import { type Reader, sql, type Tx } from '#kernel/database.ts';
import { type CorrespondenceId, newId, type PartyId } from '#kernel/ids.ts';
import type { Labels } from '../decide-labels.ts';
import type { ShownMessage } from './dialog.ts';

/** What readers made of a dialog, as it stands. */
export interface ContextRow extends Labels {
  readonly id: CorrespondenceId;
  readonly revision: string;
}

/**
 * What readers made of these dialogs, locked in the order of their ids; a dialog that nobody has touched gets its row here, with the
 * revision that it was shown with. index: context_pkey
 */
export async function lockContexts(
  tx: Tx,
  dialogs: readonly (ShownMessage & { readonly revision: string })[],
): Promise<Map<CorrespondenceId, ContextRow>> {
  const ids = dialogs.map(({ id }) => id);
  await tx.run(sql`
    insert into dialogs.context (message_id, revision)
    select id, revision from unnest(${ids}::uuid[], ${dialogs.map(({ revision }) => revision)}::uuid[]) as n (id, revision) order by id
        on conflict (message_id) do nothing`);
  await tx.all(sql`select message_id from dialogs.context where message_id = any(${ids}::uuid[]) order by message_id for update`);
  const rows = await tx.all<ContextRow>(sql`
    select c.message_id as id, c.revision, c.is_marked_unopened as "isMarkedUnopened",
           case when (case when n.alone then k.own_content_at else k.content_at end) > c.folder_at then 'Default' else c.folder end as folder
      from unnest(${ids}::uuid[], ${dialogs.map(({ isAlone }) => isAlone)}::boolean[]) as n (id, alone)
      join dialogs.context c on c.message_id = n.id
      join correspondence.dialog_key k on k.id = c.message_id`);
  return new Map(rows.map((row) => [row.id, row]));
}

/** A change of one label of a dialog. */
export interface LabelChange {
  readonly id: CorrespondenceId;
  readonly label: string;
  readonly action: 'set' | 'remove';
  readonly at: Date;
  readonly party: PartyId;
}

/** For dialogs that the transaction has locked. Joined writing. */
export function saveLabels(tx: Tx, rows: readonly (ContextRow & { readonly at: Date })[], changes: readonly LabelChange[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update dialogs.context c
       set revision = r.revision, folder = r.folder, folder_at = r.at, is_marked_unopened = r."isMarkedUnopened"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, revision uuid, folder text, at timestamptz, "isMarkedUnopened" boolean)
     where c.message_id = r.id`);
  tx.send(sql`
    insert into dialogs.label_change (id, message_id, label, action, at, party_id)
    select * from unnest(${changes.map(() => newId())}::uuid[], ${changes.map((c) => c.id)}::uuid[], ${changes.map((c) => c.label)}::text[],
                         ${changes.map((c) => c.action)}::text[], ${changes.map((c) => c.at)}::timestamptz[], ${changes.map((c) => c.party)}::uuid[])`);
}

/** As much of a log as is shown. */
const mostEntries = 1000;

/** The latest first. index: label_change_message */
export function listLabelChanges(reader: Reader, dialog: CorrespondenceId): Promise<LabelChange[]> {
  return reader.all<LabelChange>(sql`
    select l.message_id as id, l.label, l.action, l.at, l.party_id as party
      from dialogs.label_change l
     where l.message_id = ${dialog}
     order by l.at desc, l.id desc
     limit ${mostEntries}`);
}
