COPY staged (record) FROM STDIN
