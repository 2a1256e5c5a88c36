-- feature: unread, subscriptions, watch
-- why:     an organization sees the mails that told it of its paused webhooks, and what came of each attempt, as those about its post
-- locks:   notifications.notice, share, while the index is built: a minute for some tens of millions; watch.told_elsewhere, the same, a moment
create index notice_mail_to_subscriber on notifications.notice (to_id) where purpose = 'subscription-paused';

create view notifications.mail_to_subscriber as
  select n.id, n.to_id, n.step_id, n.purpose, n.channel, n.address, n.state, n.due_at, n.changed_at, n.failure, n.carrier_answer,
         coalesce((select json_agg(json_build_object('at', a.at, 'outcome', a.outcome, 'reason', a.reason, 'answer', a.answer) order by a.attempt)
                     from notifications.attempt a where a.notice_id = n.id), '[]') as attempts
    from notifications.notice n
   where n.purpose = 'subscription-paused';

-- A mail that waits is written anew, and tells of some no longer.
create index told_elsewhere_step on watch.told_elsewhere (step_id);
