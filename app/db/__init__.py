"""The database of what people say: its tables, its migrations and its units of work.

One database a dataset: a file of the home (SQLite), or a schema of a PostgreSQL database. The only
SQLAlchemy of app.
"""
