-- What the units of a charge are: bytes, epochs, wallTime, onlineSeconds or period, as the plan counted then. Empty in
-- charges of before, whose plans say it.
ALTER TABLE charges ADD COLUMN counts String;
