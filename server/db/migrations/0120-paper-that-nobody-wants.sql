-- feature: relay
-- why:     a letter that its sender took back while it lay at the print house went by paper all the same, and nobody was told
-- locks:   relay.shipment, access exclusive, for milliseconds, and share while the index is built: seconds for some hundred thousands
alter table relay.shipment add column not_stopped_at timestamptz;
comment on column relay.shipment.not_stopped_at is 'when it was found that the house has what nobody wants printed any more';
create index shipment_at_house on relay.shipment (about, party_id) where state in ('dropped', 'printed') and not_stopped_at is null;
