-- The instance of a channel stands beside the channel; before, both were one word such as `ivr/<instance>`.
ALTER TABLE sessions ADD COLUMN instance TEXT NOT NULL DEFAULT '';
UPDATE sessions SET instance = substr(channel, 5), channel = substr(channel, 1, 3) WHERE channel LIKE '___/%';
UPDATE messages SET channel = substr(channel, 1, 3) WHERE channel LIKE '___/%';

CREATE TABLE conversations_next (
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    channel TEXT NOT NULL,
    instance TEXT NOT NULL,
    identity TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT conversations_key PRIMARY KEY (account, bot, channel, instance, identity),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);
INSERT INTO conversations_next (account, bot, channel, instance, identity, user_id, session_id, state, version, updated_at)
    SELECT account, bot, CASE WHEN channel LIKE '___/%' THEN substr(channel, 1, 3) ELSE channel END,
        CASE WHEN channel LIKE '___/%' THEN substr(channel, 5) ELSE '' END,
        identity, user_id, session_id, state, version, updated_at FROM conversations;
DROP TABLE conversations;
ALTER TABLE conversations_next RENAME TO conversations;

-- A lease lives for seconds: nothing is taken over.
DROP TABLE turns;
CREATE TABLE turns (
    account TEXT NOT NULL,
    bot TEXT NOT NULL,
    channel TEXT NOT NULL,
    instance TEXT NOT NULL,
    identity TEXT NOT NULL,
    owner TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    CONSTRAINT turns_key PRIMARY KEY (account, bot, channel, instance, identity),
    FOREIGN KEY (account, bot) REFERENCES agents (account, bot) ON DELETE CASCADE
);

-- One word for the memory of a user in all agents of an account.
DELETE FROM variables WHERE scope = 'user_session';
UPDATE variables SET scope = 'user_session' WHERE scope = 'user';
