-- feature: correspondence, evidence
-- why:     a letter counted as opened before its body had left for its reader
-- locks:   correspondence.message, access exclusive, milliseconds

-- Answers with the body that are on their way, while none has been taken to its end. One whose process died stays counted.
alter table correspondence.message add column answers_out smallint not null default 0;
insert into evidence.event (code, name, uri) values (122, 'ContentAsked', 'urn:budstikke:event:ContentAsked');
