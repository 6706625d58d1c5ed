-- 040: a name's key of its letters as they stand, beside the one of its folded letters: names are told
-- apart only if both differ (base/text_look.c). Made at the start, as those of 023.
ALTER TABLE tenants ADD COLUMN sight_key text;

CREATE UNIQUE INDEX tenants_by_sight ON tenants (sight_key) WHERE sight_key IS NOT NULL;
