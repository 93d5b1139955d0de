// The first page of a realm: which release is published, and where to begin.

import type { ReactNode } from "react";
import { Link } from "wouter";
import type { RealmFacts } from "../api/answers";
import { useAnswer } from "../api/hooks";
import { day, moment } from "../format";
import { useHref, useRealm } from "../links";
import { Facts } from "../parts/Facts";
import { Page } from "../parts/Page";
import { Waiting } from "../parts/Waiting";

export function Home(): ReactNode {
  const realm = useRealm();
  const facts = useAnswer<RealmFacts>(realm, "");
  const [archetypes, sets, shopping, changes] = [
    useHref("/archetypes"),
    useHref("/enhancement-sets"),
    useHref("/shopping"),
    useHref("/changes"),
  ];
  return (
    <Page title={`What is in ${realm}`}>
      <p className="lead">
        Type the name of a power, a set, an enhancement or a recipe above. The key <kbd>/</kbd> leads there.
      </p>
      <ul>
        <li>
          <Link href={archetypes}>Archetypes</Link> and the powersets that they may choose
        </li>
        <li>
          <Link href={sets}>Enhancement sets</Link> and their bonuses
        </li>
        <li>
          <Link href={shopping}>Shopping list</Link>: what crafting several recipes takes
        </li>
        <li>
          <Link href={changes}>What changed</Link> between two releases
        </li>
      </ul>
      <h2>The published release</h2>
      <Waiting for={facts} what="the release">
        {(release) => (
          <Facts
            facts={[
              { name: "Version", value: release.version ?? "not stated" },
              { name: "Date of the database", value: day(release.release_date) },
              { name: "Issue", value: issue(release) },
              { name: "Published", value: moment(release.published_at) },
              { name: "Release", value: <code>{release.release}</code> },
              { name: "Note", value: release.is_sample && "a made-up sample, not the game's data" },
            ]}
          />
        )}
      </Waiting>
    </Page>
  );
}

function issue({ issue, page_volume, page_volume_text }: RealmFacts): string | null {
  if (!issue) return null;
  return page_volume ? `${issue}, ${page_volume_text || "page"} ${page_volume}` : String(issue);
}
