-- feature: watch
-- why:     a mail that has waited for the morning is asked about by its step: whether anything of what it says is still so
-- locks:   watch.said, share, milliseconds
create index said_step on watch.said (step_id);
