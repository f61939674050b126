-- 0001_instances.sql: who is there, and in which order they came.
-- The attribute columns are those of storage/query_keys.cpp, as text in their normal form (index/normal_form.hpp).
-- NULL: not in the data set. *_folded: what person names are matched by (index/folding.hpp).

CREATE TABLE patient (
  id INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE,  -- issuer and Patient ID; of a study without Patient ID, the study: they are never merged
  patient_name TEXT,
  patient_name_folded TEXT,
  patient_id TEXT,
  issuer_of_patient_id TEXT,
  patient_birth_date TEXT,
  patient_birth_time TEXT,
  patient_sex TEXT,
  study_count INTEGER NOT NULL DEFAULT 0,     -- the counts are of visible ones; triggers below keep them
  series_count INTEGER NOT NULL DEFAULT 0,
  instance_count INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX patient_by_id ON patient (patient_id);
CREATE INDEX patient_by_name ON patient (patient_name_folded);

-- The patient's attributes again, as this study's own instances give them: where two people share a Patient ID by
-- mistake, each study still shows its own name.
CREATE TABLE study (
  id INTEGER PRIMARY KEY,
  patient INTEGER NOT NULL REFERENCES patient (id),
  patient_name TEXT,
  patient_name_folded TEXT,
  patient_id TEXT,
  issuer_of_patient_id TEXT,
  patient_birth_date TEXT,
  patient_birth_time TEXT,
  patient_sex TEXT,
  study_date TEXT,
  study_time TEXT,
  accession_number TEXT,
  referring_physician_name TEXT,
  referring_physician_name_folded TEXT,
  study_description TEXT,
  patient_age TEXT,
  patient_size TEXT,
  patient_weight TEXT,
  study_instance_uid TEXT,
  study_id TEXT,
  series_count INTEGER NOT NULL DEFAULT 0,
  instance_count INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX study_by_uid ON study (study_instance_uid);
CREATE INDEX study_by_patient ON study (patient);
CREATE INDEX study_by_patient_id ON study (patient_id, study_date);
CREATE INDEX study_by_patient_name ON study (patient_name_folded);
CREATE INDEX study_by_accession ON study (accession_number);
CREATE INDEX study_by_date ON study (study_date, study_time);

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  study INTEGER NOT NULL REFERENCES study (id),
  series_date TEXT,
  series_time TEXT,
  modality TEXT,
  manufacturer TEXT,
  institution_name TEXT,
  station_name TEXT,
  series_description TEXT,
  manufacturer_model_name TEXT,
  body_part_examined TEXT,
  protocol_name TEXT,
  series_instance_uid TEXT,
  series_number TEXT,
  frame_of_reference_uid TEXT,
  laterality TEXT,
  performed_procedure_step_start_date TEXT,
  performed_procedure_step_start_time TEXT,
  instance_count INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX series_by_uid ON series (series_instance_uid, study);  -- some makers use one in two studies
CREATE INDEX series_by_study ON series (study, modality);

-- The id is the instance's number in the change feed: what became visible, in order. AUTOINCREMENT: it only grows, and
-- no number is given twice. One writing transaction at a time, so no reader ever sees a number before a smaller one.
CREATE TABLE instance (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series INTEGER NOT NULL REFERENCES series (id),
  blob TEXT NOT NULL,              -- name of the file, random
  file_size INTEGER NOT NULL,
  dataset_offset INTEGER NOT NULL,
  dataset_digest TEXT NOT NULL,    -- hexadecimal: 32 digits of XXH3, or 64 of SHA-256 (dicom/types/dataset_hash.hpp)
  transfer_syntax_uid TEXT NOT NULL,
  produced INTEGER NOT NULL CHECK (produced IN (0, 1)),
  source_ae_title TEXT NOT NULL,
  stored_utc_ms INTEGER NOT NULL,
  file_missing INTEGER NOT NULL DEFAULT 0 CHECK (file_missing IN (0, 1)),  -- found at start; invisible while set
  differing TEXT,                  -- JSON: attributes of the levels above in which it differs from the rows there
  instance_creation_date TEXT,
  instance_creation_time TEXT,
  sop_class_uid TEXT,
  sop_instance_uid TEXT,
  acquisition_date TEXT,
  content_date TEXT,
  acquisition_time TEXT,
  content_time TEXT,
  acquisition_number TEXT,
  instance_number TEXT,
  number_of_frames TEXT,
  rows TEXT,
  columns TEXT,
  bits_allocated TEXT,
  completion_flag TEXT,
  verification_flag TEXT,
  content_label TEXT,
  content_description TEXT,
  presentation_creation_date TEXT,
  presentation_creation_time TEXT,
  content_creator_name TEXT,
  content_creator_name_folded TEXT
);
CREATE UNIQUE INDEX instance_by_uid ON instance (sop_instance_uid);
CREATE INDEX instance_by_series ON instance (series, sop_class_uid);

CREATE TRIGGER instance_appeared AFTER INSERT ON instance WHEN NEW.file_missing = 0 BEGIN
  UPDATE series SET instance_count = instance_count + 1 WHERE id = NEW.series;
END;
CREATE TRIGGER instance_vanished AFTER UPDATE OF file_missing ON instance
WHEN OLD.file_missing = 0 AND NEW.file_missing = 1 BEGIN
  UPDATE series SET instance_count = instance_count - 1 WHERE id = NEW.series;
END;
CREATE TRIGGER instance_came_back AFTER UPDATE OF file_missing ON instance
WHEN OLD.file_missing = 1 AND NEW.file_missing = 0 BEGIN
  UPDATE series SET instance_count = instance_count + 1 WHERE id = NEW.series;
END;
CREATE TRIGGER series_counted AFTER UPDATE OF instance_count ON series BEGIN
  UPDATE study SET instance_count = instance_count + (NEW.instance_count - OLD.instance_count),
                   series_count = series_count + ((NEW.instance_count > 0) - (OLD.instance_count > 0))
  WHERE id = NEW.study;
END;
CREATE TRIGGER study_counted AFTER UPDATE OF instance_count ON study BEGIN
  UPDATE patient SET instance_count = instance_count + (NEW.instance_count - OLD.instance_count),
                     series_count = series_count + (NEW.series_count - OLD.series_count),
                     study_count = study_count + ((NEW.instance_count > 0) - (OLD.instance_count > 0))
  WHERE id = NEW.patient;
END;
