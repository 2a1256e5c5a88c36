-- Whoever runs the installation sees whether the gateways take what they are given: attempts are counted by the hour. They come in the order
-- of time, so an index of ranges costs next to nothing.
create index attempt_at on notifications.attempt using brin (at) with (autosummarize = on);
