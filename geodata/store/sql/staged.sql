-- Where the GeoJSON of a version's places waits to become rows; gone with the transaction.
CREATE TEMPORARY TABLE staged (record jsonb NOT NULL) ON COMMIT DROP
