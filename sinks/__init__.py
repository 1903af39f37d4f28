"""ClickHouse: tables, inserts and everything that is read from them; the same on a server and embedded."""
