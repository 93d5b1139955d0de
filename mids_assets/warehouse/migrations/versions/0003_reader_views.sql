CREATE SCHEMA IF NOT EXISTS "mids_v1";
CREATE OR REPLACE VIEW "mids_v1"."release" AS SELECT
    "id",
    "realm",
    "release",
    "build",
    "state",
    "version",
    "revision",
    "release_date",
    "issue",
    "page_volume",
    "page_volume_text",
    "is_sample",
    "published_at",
    CAST(extract(epoch FROM published_at) * 1000000 AS int8) AS "publish"
FROM "mids"."release" WHERE published_at IS NOT NULL;
COMMENT ON VIEW "mids_v1"."release" IS 'Releases that were published at some time.';
COMMENT ON COLUMN "mids_v1"."release"."id" IS 'Number that rows of the realm name as release_id.';
COMMENT ON COLUMN "mids_v1"."release"."realm" IS 'Realm: the schema that the row is about.';
COMMENT ON COLUMN "mids_v1"."release"."release" IS 'Release id: the head of the hash over the content of its files.';
COMMENT ON COLUMN "mids_v1"."release"."build" IS 'Build that was published or tried last.';
COMMENT ON COLUMN "mids_v1"."release"."state" IS 'seen, parsed, blocked, published, superseded, rejected or rolled_back.';
COMMENT ON COLUMN "mids_v1"."release"."version" IS 'Version that the main database states.';
COMMENT ON COLUMN "mids_v1"."release"."revision" IS '1 for the first content seen under this version, 2 for the next, ...';
COMMENT ON COLUMN "mids_v1"."release"."release_date" IS 'Date that the main database states.';
COMMENT ON COLUMN "mids_v1"."release"."issue" IS 'Issue of the game.';
COMMENT ON COLUMN "mids_v1"."release"."page_volume" IS 'Page or volume in the issue.';
COMMENT ON COLUMN "mids_v1"."release"."page_volume_text" IS 'The word for it.';
COMMENT ON COLUMN "mids_v1"."release"."is_sample" IS 'Whether it is a made-up sample.';
COMMENT ON COLUMN "mids_v1"."release"."published_at" IS 'When it was last published.';
COMMENT ON COLUMN "mids_v1"."release"."publish" IS 'Number of the last publish: published_at in microseconds since 1970. A later publish has a greater one.';
CREATE OR REPLACE VIEW "mids_v1"."release_change" AS SELECT
    "id",
    "realm",
    "release_id",
    "previous_release_id",
    "table_name",
    "natural_key",
    "old_key",
    "change",
    "field",
    "old_value",
    "new_value",
    "evidence"
FROM "mids"."release_change" WHERE release_id IN (SELECT id FROM "mids"."release" WHERE published_at IS NOT NULL);
COMMENT ON VIEW "mids_v1"."release_change" IS 'What each publish changed.';
COMMENT ON COLUMN "mids_v1"."release_change"."id" IS 'Number of the row.';
COMMENT ON COLUMN "mids_v1"."release_change"."realm" IS 'Realm: the schema that the row is about.';
COMMENT ON COLUMN "mids_v1"."release_change"."release_id" IS 'Release that was published.';
COMMENT ON COLUMN "mids_v1"."release_change"."previous_release_id" IS 'Release that it replaced.';
COMMENT ON COLUMN "mids_v1"."release_change"."table_name" IS 'Table.';
COMMENT ON COLUMN "mids_v1"."release_change"."natural_key" IS 'Key of the row, before for one that was removed; parts of it between '' / ''.';
COMMENT ON COLUMN "mids_v1"."release_change"."old_key" IS 'Key before, where it was another one: renamed, or moved in its list.';
COMMENT ON COLUMN "mids_v1"."release_change"."change" IS 'added, removed, renamed or changed.';
COMMENT ON COLUMN "mids_v1"."release_change"."field" IS 'Field that changed; null for the row as a whole.';
COMMENT ON COLUMN "mids_v1"."release_change"."old_value" IS 'Value before, or the whole row that was removed.';
COMMENT ON COLUMN "mids_v1"."release_change"."new_value" IS 'Value after, or the whole row that was added.';
COMMENT ON COLUMN "mids_v1"."release_change"."evidence" IS 'Why two keys are held to be one thing renamed.';
COMMENT ON SCHEMA "mids_v1" IS 'What readers may know of schema mids: releases that were published, and what changed. Model fd39a0bdb12558d0.'
