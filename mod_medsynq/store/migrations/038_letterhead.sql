-- 038: what stands at the head of an organisation's paper, beside its name.

ALTER TABLE tenants ADD COLUMN letter_address text;
ALTER TABLE tenants ADD COLUMN letter_phone text;
