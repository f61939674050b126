-- 0007_confirmed.sql: what was promised since it was stored, and how often something was sent again for a promise.

-- When a sender was last told that what it sent was stored already. The age of a study counts from then: it may have
-- deleted its own copy.
ALTER TABLE study ADD COLUMN confirmed_utc_ms INTEGER NOT NULL DEFAULT 0;

-- Deliveries that followed a peer's answer that it does not keep the object; attempts counts how often it was asked.
ALTER TABLE commitment_wish ADD COLUMN redeliveries INTEGER NOT NULL DEFAULT 0;
