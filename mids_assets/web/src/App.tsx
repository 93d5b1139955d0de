// The frame of every page and which page an address means.

import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import type { Meta } from "./api/answers";
import { client } from "./api/client";
import { RealmProvider } from "./links";
import { MetaProvider } from "./meta";
import { Archetype, Archetypes } from "./pages/archetypes";
import { Changes } from "./pages/Changes";
import { Enhancement } from "./pages/Enhancement";
import { EnhancementSet, EnhancementSets } from "./pages/enhancementSets";
import { Home } from "./pages/Home";
import { Power } from "./pages/Power";
import { Powerset, Powersets } from "./pages/powersets";
import { Recipe } from "./pages/Recipe";
import { Salvage } from "./pages/Salvage";
import { Shopping } from "./pages/Shopping";
import { SummonedEntity } from "./pages/SummonedEntity";
import { Boundary } from "./parts/Boundary";
import { Footer } from "./parts/Footer";
import { Header } from "./parts/Header";
import { Page } from "./parts/Page";
import { Failure, Loading } from "./parts/Waiting";

export function App(): ReactNode {
  const epoch = useSyncExternalStore(client.subscribe, () => client.epoch);
  const [meta, setMeta] = useState<Meta>();
  const [error, setError] = useState<Error>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew with everything else.
  useEffect(() => {
    client.meta<Meta>().then(
      (found) => {
        setMeta(found);
        setError(undefined);
      },
      (reason: Error) => setError(reason),
    );
  }, [epoch]);
  if (error) return <Failure error={error} again={() => client.forget()} />;
  if (!meta) return <Loading what="the page" />;
  return (
    <MetaProvider value={meta}>
      <Switch>
        <Route path="/:realm/*?">
          {({ realm }) => <RealmPages key={`${realm} ${epoch}`} realm={realm} meta={meta} />}
        </Route>
        <Route>
          <First meta={meta} />
        </Route>
      </Switch>
    </MetaProvider>
  );
}

/** The address names no realm: the first one. */
function First({ meta }: { meta: Meta }): ReactNode {
  const [realm] = meta.realms;
  if (realm) return <Redirect to={`/${realm}`} replace />;
  return (
    <main>
      <h1>Nothing is published yet</h1>
      <p>
        Import a release with <code>mids import</code>, then reload this page.
      </p>
    </main>
  );
}

function RealmPages({ realm, meta }: { realm: string; meta: Meta }): ReactNode {
  useScrollToTop();
  return (
    <RealmProvider value={realm}>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Header realms={meta.realms} login={meta.login} />
      <main id="main" tabIndex={-1}>
        <Boundary>{meta.realms.includes(realm) ? <Pages /> : <Nowhere />}</Boundary>
      </main>
      <Footer />
    </RealmProvider>
  );
}

function Pages(): ReactNode {
  return (
    <Switch>
      <Route path="/:realm" component={Home} />
      <Route path="/:realm/archetypes" component={Archetypes} />
      <Route path="/:realm/archetypes/:name">{({ name }) => <Archetype name={name} />}</Route>
      <Route path="/:realm/powersets" component={Powersets} />
      <Route path="/:realm/powersets/:name">{({ name }) => <Powerset name={name} />}</Route>
      <Route path="/:realm/powers/:name">{({ name }) => <Power name={name} />}</Route>
      <Route path="/:realm/enhancement-sets" component={EnhancementSets} />
      <Route path="/:realm/enhancement-sets/:name">{({ name }) => <EnhancementSet name={name} />}</Route>
      <Route path="/:realm/enhancements/:name">{({ name }) => <Enhancement name={name} />}</Route>
      <Route path="/:realm/recipes/:name">{({ name }) => <Recipe name={name} />}</Route>
      <Route path="/:realm/salvage/:name">{({ name }) => <Salvage name={name} />}</Route>
      <Route path="/:realm/summoned-entities/:name">{({ name }) => <SummonedEntity name={name} />}</Route>
      <Route path="/:realm/shopping" component={Shopping} />
      <Route path="/:realm/changes" component={Changes} />
      <Route component={Nowhere} />
    </Switch>
  );
}

function Nowhere(): ReactNode {
  return (
    <Page title="There is no such page">
      <p>Use the search above, or one of the links beside it.</p>
    </Page>
  );
}

function useScrollToTop(): void {
  const [path] = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new path begins at its top.
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [path]);
}
