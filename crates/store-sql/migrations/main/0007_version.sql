-- Versions that a person makes, and the version on which a conversation goes on.
ALTER TABLE versions ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE versions ADD COLUMN by_hand BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE conversations ADD COLUMN snapshot TEXT;
CREATE INDEX conversations_by_snapshot ON conversations (account, bot, snapshot) WHERE snapshot IS NOT NULL;
