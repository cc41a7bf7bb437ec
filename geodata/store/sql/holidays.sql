-- The holidays of every year that somebody loaded or took back. Reads all of holidays: a row a country and year.
SELECT body FROM nuanfeng.holidays ORDER BY country, year
