CREATE OR REPLACE VIEW "mids_v1"."cross_check" AS SELECT
    "id",
    "realm",
    "our_release",
    "our_version",
    "our_date",
    "their_release",
    "their_version",
    "their_date",
    "discrepancies",
    "apart",
    "checked_at"
FROM "mids"."cross_check";
COMMENT ON VIEW "mids_v1"."cross_check" IS 'Which releases were compared with City of Data, and what that came to.';
COMMENT ON COLUMN "mids_v1"."cross_check"."id" IS 'Number of the row.';
COMMENT ON COLUMN "mids_v1"."cross_check"."realm" IS 'Realm: the schema that the row is about.';
COMMENT ON COLUMN "mids_v1"."cross_check"."our_release" IS 'Release of the realm: the head of the hash over the content of its files.';
COMMENT ON COLUMN "mids_v1"."cross_check"."our_version" IS 'Version that it states.';
COMMENT ON COLUMN "mids_v1"."cross_check"."our_date" IS 'Date that it states.';
COMMENT ON COLUMN "mids_v1"."cross_check"."their_release" IS 'Release of City of Data that it was compared with.';
COMMENT ON COLUMN "mids_v1"."cross_check"."their_version" IS 'Revision that it states.';
COMMENT ON COLUMN "mids_v1"."cross_check"."their_date" IS 'Date that it states.';
COMMENT ON COLUMN "mids_v1"."cross_check"."discrepancies" IS 'How many there are, by suspicion; without those that are apart.';
COMMENT ON COLUMN "mids_v1"."cross_check"."apart" IS 'How many more are not comparable.';
COMMENT ON COLUMN "mids_v1"."cross_check"."checked_at" IS 'When the two were last compared.';
CREATE OR REPLACE VIEW "mids_v1"."discrepancy" AS SELECT
    "id",
    "realm",
    "entity",
    "key",
    "field",
    "ours",
    "theirs",
    "ratio",
    "suspicion",
    "cause",
    "apart",
    "file",
    "our_release",
    "our_date",
    "their_release",
    "their_date",
    "first_seen_at",
    "first_our_release",
    "first_their_release",
    "last_seen_at",
    "gone_at"
FROM "mids"."discrepancy";
COMMENT ON VIEW "mids_v1"."discrepancy" IS 'Where a value differs from that of the game itself.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."id" IS 'Number of the row.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."realm" IS 'Realm: the schema that the row is about.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."entity" IS 'Table that the value is in, such as power or power_effect.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."key" IS 'Key of the row as the realm spells it: full name, class, uid, table@class.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."field" IS 'Column; of effects with the effect, such as effects[Damage(Fire) PvE].scale. Empty for a row as a whole.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."ours" IS 'Value of the realm, in the unit of its column; null where only the game has the key.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."theirs" IS 'Value of the game, in the same unit; null where only the realm has the key.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."ratio" IS 'Theirs divided by ours, where both are numbers.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."suspicion" IS 'What it looks like, the most suspicious first: factor, swapped, modifier_table, single, shared, member, only_ours, only_theirs, renamed.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."cause" IS 'The same for rows that seem to have one cause: one line of the report.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."apart" IS 'Why it is not comparable: never_auto_update or redirect; null where it is.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."file" IS 'File of the export; null where only the realm has the key.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."our_release" IS 'Release of the realm: the head of the hash over the content of its files. The last that had it.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."our_date" IS 'Date that it states.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."their_release" IS 'Release of City of Data that it was compared with.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."their_date" IS 'Date that it states.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."first_seen_at" IS 'When it was first found.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."first_our_release" IS 'Release of the realm in which it was first found.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."first_their_release" IS 'Release of City of Data at that time.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."last_seen_at" IS 'When it was last found.';
COMMENT ON COLUMN "mids_v1"."discrepancy"."gone_at" IS 'When it was no longer found; null while it is there.';
COMMENT ON SCHEMA "mids_v1" IS 'What readers may know of schema mids: releases that were published, what changed, and what differs from the game. Model 411f64d5fe90273e.'
