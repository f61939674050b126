-- 0004_commitment.sql: promises to keep objects (Storage Commitment, PS3.4 J), asked of us and asked by us.

-- What peers asked of us. Kept until they have taken the answer.
CREATE TABLE commitment_request (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  peer TEXT NOT NULL,              -- calling AE title
  transaction_uid TEXT NOT NULL,
  objects TEXT NOT NULL,           -- JSON: [[SOP class UID, SOP instance UID, failure reason], ...]
  checked INTEGER NOT NULL DEFAULT 0 CHECK (checked IN (0, 1)),  -- the reasons above hold; 0 in them: kept
  state TEXT NOT NULL CHECK (state IN ('waiting', 'answered', 'given_up')),
  attempts INTEGER NOT NULL DEFAULT 0,
  message TEXT NOT NULL DEFAULT '',
  not_before_utc_ms INTEGER NOT NULL DEFAULT 0,
  created_utc_ms INTEGER NOT NULL,
  updated_utc_ms INTEGER NOT NULL,
  UNIQUE (peer, transaction_uid)   -- asked again: answered again
);
CREATE INDEX commitment_request_open ON commitment_request (not_before_utc_ms) WHERE state = 'waiting';

-- What we ask of peers after a delivery.
CREATE TABLE commitment_wish (
  sop_instance_uid TEXT NOT NULL,
  sop_class_uid TEXT NOT NULL,
  peer TEXT NOT NULL,
  transaction_uid TEXT NOT NULL DEFAULT '',  -- of the last time it was asked
  state TEXT NOT NULL CHECK (state IN ('waiting', 'asked', 'committed', 'refused', 'given_up')),
  attempts INTEGER NOT NULL DEFAULT 0,
  message TEXT NOT NULL DEFAULT '',
  not_before_utc_ms INTEGER NOT NULL DEFAULT 0,
  updated_utc_ms INTEGER NOT NULL,
  PRIMARY KEY (sop_instance_uid, peer)
);
CREATE INDEX commitment_wish_open ON commitment_wish (peer, not_before_utc_ms) WHERE state IN ('waiting', 'asked');
CREATE INDEX commitment_wish_by_transaction ON commitment_wish (transaction_uid);
