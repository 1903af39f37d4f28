"""How RocksDB keeps a local store: little memory, little disk beside what it holds."""

from rocksdict import Options


def options() -> Options:
    """For one store of one worker."""
    found = Options(raw_mode=True)
    found.create_if_missing(True)
    found.set_write_buffer_size(32 * 1024 * 1024)
    found.set_max_write_buffer_number(3)
    found.set_max_total_wal_size(128 * 1024 * 1024)
    found.set_keep_log_file_num(2)
    found.set_max_open_files(256)
    return found
