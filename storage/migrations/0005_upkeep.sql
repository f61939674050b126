-- 0005_upkeep.sql: what an operator should see, what was removed, and which stored bytes are not what they were.

ALTER TABLE instance ADD COLUMN damaged INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1));  -- found by re-reading

-- One row for each thing that happened, however often. No patient text: kinds, UIDs, AE titles, names of attributes.
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  sop_instance_uid TEXT NOT NULL,
  study_instance_uid TEXT NOT NULL,
  source_ae_title TEXT NOT NULL,
  detail TEXT NOT NULL,
  times INTEGER NOT NULL DEFAULT 1,
  first_utc_ms INTEGER NOT NULL,
  last_utc_ms INTEGER NOT NULL,
  UNIQUE (kind, sop_instance_uid, study_instance_uid, source_ae_title, detail)
);
CREATE INDEX event_by_time ON event (last_utc_ms, id);

-- What was removed, for ever: the audit of deletion. The numbers are drawn from the same row as those of instances, so
-- arrivals and removals together are one change feed.
CREATE TABLE removal (
  id INTEGER PRIMARY KEY,
  study_instance_uid TEXT NOT NULL,
  series_instance_uid TEXT NOT NULL,
  sop_instance_uid TEXT NOT NULL,
  dataset_digest TEXT NOT NULL,
  reason TEXT NOT NULL,
  removed_utc_ms INTEGER NOT NULL
);
CREATE INDEX removal_by_uid ON removal (sop_instance_uid);

-- Files that no row names any more and that are still to be unlinked. Written with the removal of the row.
CREATE TABLE discarded_blob (blob TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TRIGGER instance_removed AFTER DELETE ON instance WHEN OLD.file_missing = 0 BEGIN
  UPDATE series SET instance_count = instance_count - 1 WHERE id = OLD.series;
END;
