-- Datasets that have a current version. Reads all of pointer: a row a dataset.
SELECT dataset FROM nuanfeng.pointer ORDER BY dataset
