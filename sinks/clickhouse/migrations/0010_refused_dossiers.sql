-- Which dossier a refused event spoke of, and who sent it: so a dossier shows its refused events too.

ALTER TABLE rejections ADD COLUMN IF NOT EXISTS subject String DEFAULT ''
    COMMENT 'Dossier code; empty: it was none, or the event was refused before this was kept' AFTER id;

ALTER TABLE rejections ADD COLUMN IF NOT EXISTS source String DEFAULT ''
    COMMENT 'CloudEvents source, if it has the form of one; empty: as subject' AFTER subject;
