-- What an agency's own user sees: the rows of the agency whose code his name bears (agency-H25), read only.
-- Applied by the script `agency`; may be repeated. A table without a line here is not granted to agencies at all.

CREATE ROLE IF NOT EXISTS agency;

CREATE SETTINGS PROFILE OR REPLACE agency
SETTINGS readonly = 2, allow_ddl = 0, max_execution_time = 30 MIN 1 MAX 30,
    timeout_before_checking_execution_speed = 0 READONLY, max_memory_usage = 1000000000 READONLY,
    max_result_rows = 1000000 MIN 1 MAX 1000000
TO agency;

CREATE QUOTA OR REPLACE agency KEYED BY user_name
FOR INTERVAL 1 hour MAX queries = 3600, execution_time = 1200
TO agency;

GRANT SELECT ON emc.events, SELECT ON emc.dossiers, SELECT ON emc.procedures, SELECT ON emc.declarations,
    SELECT ON emc.tallies, SELECT ON emc.rates, SELECT ON emc.settled, SELECT ON emc.rate_history, SELECT ON emc.freshness,
    SELECT ON emc.commits, SELECT ON emc.sources, SELECT ON emc.rejections, SELECT ON emc.conflicts,
    SELECT ON emc.imports, SELECT ON emc.import_refusals, SELECT ON emc.mappings, SELECT ON emc.notices, SELECT ON emc.feeds,
    SELECT ON emc.incidents, SELECT ON emc.snapshot_rates, SELECT ON emc.objections, SELECT ON emc.objection_messages
TO agency;

-- Of these everybody may see everything; `warnings` and `sender_warnings` read the tables above as the one who asks.
GRANT SELECT ON emc.warnings, SELECT ON emc.sender_warnings, SELECT ON emc.agencies, SELECT ON emc.reported_figures,
    SELECT ON emc.snapshots
TO agency;

-- An agency also sees the incidents that concern all, the frozen rates of groups, and what it settles of others.
CREATE ROW POLICY OR REPLACE incidents_of_all ON emc.incidents, emc.snapshot_rates
FOR SELECT USING agency = '' TO agency;

CREATE ROW POLICY OR REPLACE settled_rows ON emc.settled
FOR SELECT USING settler = substring(currentUser(), 8) TO agency;

CREATE ROW POLICY OR REPLACE own_rows
ON emc.events, emc.dossiers, emc.procedures, emc.declarations, emc.tallies, emc.rates, emc.settled, emc.rate_history,
    emc.freshness, emc.commits, emc.sources, emc.rejections, emc.conflicts, emc.imports, emc.import_refusals, emc.mappings, emc.notices, emc.feeds,
    emc.incidents, emc.snapshot_rates, emc.objections, emc.objection_messages
FOR SELECT USING agency = substring(currentUser(), 8)
TO agency;

-- With a policy on a table, everybody needs one: the monitor's own users see all rows.
CREATE ROW POLICY OR REPLACE all_rows
ON emc.events, emc.dossiers, emc.procedures, emc.declarations, emc.tallies, emc.rates, emc.settled, emc.rate_history,
    emc.freshness, emc.commits, emc.sources, emc.rejections, emc.conflicts, emc.imports, emc.import_refusals, emc.mappings, emc.notices, emc.feeds,
    emc.incidents, emc.snapshot_rates, emc.objections, emc.objection_messages
FOR SELECT USING 1
TO admin, writer, api, reader, grafana;
