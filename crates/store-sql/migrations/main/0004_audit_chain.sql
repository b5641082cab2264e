-- The chain: rows with a number follow each other without a gap, each sealed over the one before. Rows from before it have none.
ALTER TABLE audit ADD COLUMN number BIGINT;
ALTER TABLE audit ADD COLUMN mac {blob};
CREATE UNIQUE INDEX audit_by_number ON audit (number);

CREATE TABLE audit_head (
    id BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    mac {blob} NOT NULL
);
INSERT INTO audit_head (id, number, mac) VALUES (1, 0, {empty_blob});

-- Rows are only added.
{audit_guard_function};
{audit_guard_update};
{audit_guard_delete};
