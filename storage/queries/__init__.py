"""The doors to the tables: one `access_*` for each kind of record, and the lists."""
