-- feature: unread, watch
-- why:     an address that was the sender's own when it was named counted as confirmed for good: only what a link has confirmed does now
-- locks:   the rows of addresses that nobody was asked at, milliseconds
update unread.address set confirmed_at = null where token_sha256 is null and confirmed_at is not null;
delete from watch.second_address where token_sha256 is null;
