-- 0003_sequence_keys.sql: sequences that can be asked for (storage/sequence_keys.hpp), as JSON: a list of items, each
-- an object of values by keyword. NULL also for what was stored before: it matches no key within the sequence.

ALTER TABLE study ADD COLUMN procedure_code_sequence TEXT;
ALTER TABLE series ADD COLUMN request_attributes_sequence TEXT;
ALTER TABLE instance ADD COLUMN concept_name_code_sequence TEXT;
