-- A merge holds three granules of each part that it reads, whatever its blocks are: some 25 MiB a part where rows have a
-- kibibyte, so 2.5 GiB for the hundred parts at once that are the default, and may be there after a long backlog.

ALTER TABLE events MODIFY SETTING max_parts_to_merge_at_once = 8;

ALTER TABLE dossiers MODIFY SETTING max_parts_to_merge_at_once = 8;
