-- What the import log tells of publishes before this revision. Of equal ones only the last kept its changes.
INSERT INTO mids.publish (realm, release_id, previous_release_id, build, action, published_at)
SELECT realm, release_id, CASE WHEN action <> 'first' THEN lag(release_id) OVER (PARTITION BY realm ORDER BY last) END,
    build, action, at
FROM (
    SELECT realm, release_id, build, action, max(coalesce(completed_at, started_at)) AS at, max(id) AS last
    FROM mids.import_log
    WHERE action IN ('first', 'update', 'rebuild', 'rollback') AND release_id IS NOT NULL
    GROUP BY realm, release_id, build, action, run_id
) logged
ORDER BY last;
UPDATE mids.release_change c SET publish_id = p.id
FROM (
    SELECT DISTINCT ON (realm, release_id, previous_release_id) id, realm, release_id, previous_release_id
    FROM mids.publish ORDER BY realm, release_id, previous_release_id, id DESC
) p
WHERE c.realm = p.realm AND c.release_id = p.release_id AND c.previous_release_id = p.previous_release_id;
UPDATE mids.publish p SET changes = c.rows
FROM (SELECT publish_id, count(*) AS rows FROM mids.release_change GROUP BY publish_id) c
WHERE c.publish_id = p.id;
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
CREATE OR REPLACE VIEW "mids_v1"."publish" AS SELECT
    "id",
    "realm",
    "release_id",
    "previous_release_id",
    "build",
    "action",
    "published_at",
    "changes",
    "left_out"
FROM "mids"."publish" WHERE release_id IN (SELECT id FROM "mids"."release" WHERE published_at IS NOT NULL);
COMMENT ON VIEW "mids_v1"."publish" IS 'Every publish, in the order of its id.';
COMMENT ON COLUMN "mids_v1"."publish"."id" IS 'Number of the row.';
COMMENT ON COLUMN "mids_v1"."publish"."realm" IS 'Realm: the schema that the row is about.';
COMMENT ON COLUMN "mids_v1"."publish"."release_id" IS 'Release that was published.';
COMMENT ON COLUMN "mids_v1"."publish"."previous_release_id" IS 'Release that it replaced, which a rebuild is itself; null for the first.';
COMMENT ON COLUMN "mids_v1"."publish"."build" IS 'Build that was published.';
COMMENT ON COLUMN "mids_v1"."publish"."action" IS 'first, update, rebuild or rollback.';
COMMENT ON COLUMN "mids_v1"."publish"."published_at" IS 'When.';
COMMENT ON COLUMN "mids_v1"."publish"."changes" IS 'Rows of mids.release_change that say what it changed; null where that is not known, since nothing was there before, or the build before was not stored any more.';
COMMENT ON COLUMN "mids_v1"."publish"."left_out" IS 'Tables, and columns as table.column, that one of the two sources does not have.';
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
    "evidence",
    "publish_id"
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
COMMENT ON COLUMN "mids_v1"."release_change"."publish_id" IS 'Publish that changed it; null for one before publishes were numbered.';
COMMENT ON SCHEMA "mids_v1" IS 'What readers may know of schema mids: releases that were published, and what changed. Model 741fc70c2682079f.'
