-- What a session's stream was made into: `constellations=GAL,GPS level=4`; empty where it went out as received. A server
-- of 2018 cannot be told to add a column only where there is none: whoever makes the tables looks first.
ALTER TABLE usage ADD COLUMN shape String;
ALTER TABLE sessions ADD COLUMN shape String;
