-- 0002_work.sql: work to do, objects to send, and how far each follower has read the change feed.

CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  gsps_uid TEXT NOT NULL,
  series_uid TEXT NOT NULL,    -- empty: refused before a series was known
  tracking_uid TEXT NOT NULL,  -- likewise
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'delivered', 'refused', 'failed')),
  round INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  message TEXT NOT NULL DEFAULT '',
  seg_uid TEXT NOT NULL DEFAULT '',
  sr_uid TEXT NOT NULL DEFAULT '',
  stage_ms TEXT NOT NULL DEFAULT '{}',  -- JSON: stage to milliseconds
  not_before_utc_ms INTEGER NOT NULL DEFAULT 0,
  holder TEXT NOT NULL DEFAULT '',
  lease_until_utc_ms INTEGER NOT NULL DEFAULT 0,
  created_utc_ms INTEGER NOT NULL,
  updated_utc_ms INTEGER NOT NULL,
  UNIQUE (gsps_uid, series_uid, tracking_uid)  -- the same click sent twice makes no second job
);
CREATE INDEX job_open ON job (id) WHERE state IN ('waiting', 'running');
CREATE INDEX job_by_lesion ON job (series_uid, tracking_uid, state, id);

CREATE TABLE delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sop_instance_uid TEXT NOT NULL,
  peer TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  message TEXT NOT NULL DEFAULT '',
  not_before_utc_ms INTEGER NOT NULL DEFAULT 0,
  holder TEXT NOT NULL DEFAULT '',
  lease_until_utc_ms INTEGER NOT NULL DEFAULT 0,
  UNIQUE (sop_instance_uid, peer)
);
CREATE INDEX delivery_open ON delivery (peer, id) WHERE state IN ('waiting', 'sending');

CREATE TABLE follower (
  name TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL
) WITHOUT ROWID;
