-- 0006_large_index.sql: what keeps questions to a million instances short.

-- Keys that people search by without naming a study. Only a new patient, study or series pays for these, not each of
-- its instances.
CREATE INDEX patient_by_birth_date ON patient (patient_birth_date);
CREATE INDEX study_by_birth_date ON study (patient_birth_date);
CREATE INDEX study_by_referring_physician ON study (referring_physician_name_folded);
CREATE INDEX study_by_description ON study (study_description);
CREATE INDEX study_by_study_id ON study (study_id);
CREATE INDEX series_by_modality ON series (modality, study);
CREATE INDEX series_by_date ON series (series_date, series_time);
CREATE INDEX series_by_description ON series (series_description);
CREATE INDEX series_by_procedure_step ON series (performed_procedure_step_start_date);

-- Of instances, only what reports, segmentations and clicks have and images do not; and one date.
CREATE INDEX instance_by_content_date ON instance (content_date);
CREATE INDEX instance_by_content_label ON instance (content_label) WHERE content_label IS NOT NULL;
CREATE INDEX instance_by_content_creator ON instance (content_creator_name_folded)
  WHERE content_creator_name_folded IS NOT NULL;
CREATE INDEX instance_by_verification ON instance (verification_flag) WHERE verification_flag IS NOT NULL;

-- The SOP classes of each series, so that nobody has to look at its instances. A class stays when its last instance
-- goes: whoever asks looks for an instance, too.
CREATE TABLE series_class (
  series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  sop_class_uid TEXT NOT NULL,
  PRIMARY KEY (series, sop_class_uid)
) WITHOUT ROWID;
CREATE INDEX series_class_by_uid ON series_class (sop_class_uid, series);
INSERT INTO series_class SELECT DISTINCT series, sop_class_uid FROM instance WHERE sop_class_uid IS NOT NULL;
CREATE TRIGGER instance_of_class AFTER INSERT ON instance
WHEN NEW.sop_class_uid IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM series_class WHERE series = NEW.series AND sop_class_uid = NEW.sop_class_uid) BEGIN
  INSERT INTO series_class VALUES (NEW.series, NEW.sop_class_uid);
END;

-- The values within sequences: which study, series or instance (its id: owner) has an item with that value. Several keys
-- of one item are compared in the JSON itself.
CREATE TABLE sequence_value (
  sequence TEXT NOT NULL,
  keyword TEXT NOT NULL,
  value TEXT NOT NULL,
  owner INTEGER NOT NULL,
  PRIMARY KEY (sequence, keyword, value, owner)
) WITHOUT ROWID;
CREATE INDEX sequence_value_by_owner ON sequence_value (owner, sequence);
CREATE VIEW sequence_value_of_study AS
  SELECT DISTINCT 'ProcedureCodeSequence' AS sequence, field.key AS keyword, field.value AS value, study.id AS owner
  FROM study, json_each(study.procedure_code_sequence) AS item, json_each(item.value) AS field
  WHERE json_valid(study.procedure_code_sequence) AND item.type = 'object' AND field.type = 'text';
CREATE VIEW sequence_value_of_series AS
  SELECT DISTINCT 'RequestAttributesSequence' AS sequence, field.key AS keyword, field.value AS value, series.id AS owner
  FROM series, json_each(series.request_attributes_sequence) AS item, json_each(item.value) AS field
  WHERE json_valid(series.request_attributes_sequence) AND item.type = 'object' AND field.type = 'text';
CREATE VIEW sequence_value_of_instance AS
  SELECT DISTINCT 'ConceptNameCodeSequence' AS sequence, field.key AS keyword, field.value AS value, instance.id AS owner
  FROM instance, json_each(instance.concept_name_code_sequence) AS item, json_each(item.value) AS field
  WHERE instance.concept_name_code_sequence IS NOT NULL AND json_valid(instance.concept_name_code_sequence)
    AND item.type = 'object' AND field.type = 'text';
INSERT INTO sequence_value SELECT * FROM sequence_value_of_study;
INSERT INTO sequence_value SELECT * FROM sequence_value_of_series;
INSERT INTO sequence_value SELECT * FROM sequence_value_of_instance;

CREATE TRIGGER study_sequence_came AFTER INSERT ON study WHEN NEW.procedure_code_sequence IS NOT NULL BEGIN
  INSERT INTO sequence_value SELECT * FROM sequence_value_of_study WHERE owner = NEW.id;
END;
CREATE TRIGGER study_sequence_changed AFTER UPDATE OF procedure_code_sequence ON study BEGIN
  DELETE FROM sequence_value WHERE owner = NEW.id AND sequence = 'ProcedureCodeSequence';
  INSERT INTO sequence_value SELECT * FROM sequence_value_of_study WHERE owner = NEW.id;
END;
CREATE TRIGGER study_sequence_went AFTER DELETE ON study WHEN OLD.procedure_code_sequence IS NOT NULL BEGIN
  DELETE FROM sequence_value WHERE owner = OLD.id AND sequence = 'ProcedureCodeSequence';
END;

CREATE TRIGGER series_sequence_came AFTER INSERT ON series WHEN NEW.request_attributes_sequence IS NOT NULL BEGIN
  INSERT INTO sequence_value SELECT * FROM sequence_value_of_series WHERE owner = NEW.id;
END;
CREATE TRIGGER series_sequence_changed AFTER UPDATE OF request_attributes_sequence ON series BEGIN
  DELETE FROM sequence_value WHERE owner = NEW.id AND sequence = 'RequestAttributesSequence';
  INSERT INTO sequence_value SELECT * FROM sequence_value_of_series WHERE owner = NEW.id;
END;
CREATE TRIGGER series_sequence_went AFTER DELETE ON series WHEN OLD.request_attributes_sequence IS NOT NULL BEGIN
  DELETE FROM sequence_value WHERE owner = OLD.id AND sequence = 'RequestAttributesSequence';
END;

CREATE TRIGGER instance_sequence_came AFTER INSERT ON instance WHEN NEW.concept_name_code_sequence IS NOT NULL BEGIN
  INSERT INTO sequence_value SELECT * FROM sequence_value_of_instance WHERE owner = NEW.id;
END;
CREATE TRIGGER instance_sequence_changed AFTER UPDATE OF concept_name_code_sequence ON instance BEGIN
  DELETE FROM sequence_value WHERE owner = NEW.id AND sequence = 'ConceptNameCodeSequence';
  INSERT INTO sequence_value SELECT * FROM sequence_value_of_instance WHERE owner = NEW.id;
END;
CREATE TRIGGER instance_sequence_went AFTER DELETE ON instance WHEN OLD.concept_name_code_sequence IS NOT NULL BEGIN
  DELETE FROM sequence_value WHERE owner = OLD.id AND sequence = 'ConceptNameCodeSequence';
END;

-- Objects that were stored before migration 0003 have sequences that nobody has read yet: series whose files are to be
-- looked into once more (upkeep/late_sequences.hpp).
CREATE TABLE series_to_reread (series INTEGER PRIMARY KEY REFERENCES series (id) ON DELETE CASCADE);
INSERT INTO series_to_reread SELECT id FROM series WHERE instance_count > 0;

-- The shape of a large archive for SQLite's planner: rows of a table, then how many of them agree in the first column of
-- an index, in the first two, and so on. Written by hand and never counted anew: the way that a question goes must not
-- depend on what happened to be stored when somebody counted.
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('patient', 'sqlite_autoindex_patient_1', '4000 1'),
  ('patient', 'patient_by_id', '4000 1'),
  ('patient', 'patient_by_name', '4000 2'),
  ('patient', 'patient_by_birth_date', '4000 2'),
  ('study', 'study_by_uid', '10000 1'),
  ('study', 'study_by_patient', '10000 3'),
  ('study', 'study_by_patient_id', '10000 3 1'),
  ('study', 'study_by_patient_name', '10000 3'),
  ('study', 'study_by_accession', '10000 1'),
  ('study', 'study_by_date', '10000 4 1'),
  ('study', 'study_by_birth_date', '10000 4'),
  ('study', 'study_by_referring_physician', '10000 40'),
  ('study', 'study_by_description', '10000 100'),
  ('study', 'study_by_study_id', '10000 2'),
  ('series', 'series_by_uid', '30000 1 1'),
  ('series', 'series_by_study', '30000 3 2'),
  ('series', 'series_by_modality', '30000 3000 2'),
  ('series', 'series_by_date', '30000 12 3'),
  ('series', 'series_by_description', '30000 60'),
  ('series', 'series_by_procedure_step', '30000 12'),
  ('series_class', 'series_class', '30000 1 1'),
  ('series_class', 'series_class_by_uid', '30000 3000 1'),
  ('sequence_value', 'sequence_value', '60000 20000 8000 6 1'),
  ('sequence_value', 'sequence_value_by_owner', '60000 3 3'),
  ('instance', 'instance_by_uid', '1000000 1'),
  ('instance', 'instance_by_series', '1000000 33 33'),
  ('instance', 'instance_by_content_date', '1000000 400'),
  ('instance', 'instance_by_content_label', '1000 100'),
  ('instance', 'instance_by_content_creator', '1000 50'),
  ('instance', 'instance_by_verification', '1000 500');
