import { type Invariant, sql } from '#kernel/database.ts';

/**
 * Each query must return no rows. They look at what is recent or due, so that they stay cheap; for all the rest the database refuses
 * a recipient without a watch, and that either is deleted.
 */
export const brokerInvariants: readonly Invariant[] = [
  {
    name: 'every recipient of a file is watched to fetch it',
    find: sql`
      select r.file_transfer_id from broker.recipient r
       where r.file_transfer_id >= clock.first_id('2 days')
         and not exists (select from watch.item_face w where w.about = r.file_transfer_id and w.party_id = r.party_id) limit 100`,
  },
  {
    name: 'no watch on a file is closed as confirmed for who never confirmed, nor open for who did',
    find: sql`
      select r.file_transfer_id from broker.recipient r
        join watch.item_face w on w.about = r.file_transfer_id and w.party_id = r.party_id
       where r.file_transfer_id >= clock.first_id('2 days')
         and (w.outcome is not distinct from 'confirmed') <> (r.status = 'DownloadConfirmed')
         and (w.settled_at is null or w.outcome = 'confirmed') and not w.attachment_locked limit 100`,
  },
  {
    name: 'no published file hangs unpublished in its watch',
    find: sql`
      select t.id from broker.file_transfer t join watch.item_face w on w.about = t.id
       where t.id >= clock.first_id('2 days') and t.published_at is not null and w.published_at is null and w.settled_at is null limit 100`,
  },
  {
    name: 'no file is published that all have confirmed',
    find: sql`
      select t.id from broker.file_transfer t
       where t.id >= clock.first_id('2 days') and t.state = 'Published'
         and not exists (select from broker.recipient r where r.file_transfer_id = t.id and r.status <> 'DownloadConfirmed') limit 100`,
  },
  {
    name: 'no file is ten minutes late with its purge, nor kept bytes with what becomes of them',
    find: sql`
      select id from broker.file_transfer
       where purge_at < clock.now() - interval '10 minutes' or keep_look_at < clock.now() - interval '10 minutes' limit 100`,
  },
  {
    name: 'no file has waited a quarter of an hour for a scanner',
    find: sql`
      select id from broker.file_transfer
       where state = 'UploadProcessing' and state_changed_at < clock.now() - interval '15 minutes' limit 100`,
  },
  {
    name: 'no upload with all its bytes has failed six times to become a file',
    find: sql`
      select file_transfer_id from broker.tus_upload
       where finished_at is null and kind <> 'part' and offset_bytes = length_bytes and tries >= 6 limit 100`,
  },
  {
    name: 'no recipient has said that it holds other bytes than were sent, and nothing since',
    find: sql`
      select r.file_transfer_id from broker.recipient r join broker.file_transfer t on t.id = r.file_transfer_id
       where r.disputed_at is not null and r.disputed_at >= coalesce(greatest(r.confirmed_at, r.confirmed_hash_at), '-infinity')
         and t.state in ('Published', 'AllConfirmedDownloaded') limit 100`,
  },
];
