// The top of every page: ways to other pages, search, realm, login, and which release is shown.

import { type ReactNode, useEffect, useId, useState } from "react";
import { Link, useLocation } from "wouter";
import { client } from "../api/client";
import { useSeen } from "../api/hooks";
import { moment } from "../format";
import { addressOf, useHref, useRealm } from "../links";
import type { EntityTable } from "../model";
import { SearchBox } from "./SearchBox";

const LOOK_MS = 60_000;

export function Header({ realms, login }: { realms: string[]; login: "none" | "token" }): ReactNode {
  const realm = useRealm();
  const [, go] = useLocation();
  const home = useHref("");
  return (
    <header>
      <div className="bar">
        <Link href={home} className="brand">
          City of Heroes data
        </Link>
        <SearchBox
          label="Search everything"
          shortcut
          onPick={(hit) => go(addressOf(realm, hit.kind as EntityTable, hit))}
        />
        {realms.length > 1 && <RealmSwitch realms={realms} />}
        {login === "token" && <Login />}
      </div>
      <Ways />
      <Shown />
    </header>
  );
}

function Ways(): ReactNode {
  const [path] = useLocation();
  const ways: [string, string][] = [
    [useHref("/archetypes"), "Archetypes"],
    [useHref("/powersets"), "Powersets"],
    [useHref("/enhancement-sets"), "Enhancement sets"],
    [useHref("/shopping"), "Shopping list"],
    [useHref("/changes"), "What changed"],
  ];
  return (
    <nav aria-label="Pages">
      {ways.map(([href, name]) => (
        <Link key={href} href={href} aria-current={path === href ? "page" : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

function RealmSwitch({ realms }: { realms: string[] }): ReactNode {
  const realm = useRealm();
  const [, go] = useLocation();
  return (
    <label className="small">
      Realm{" "}
      <select value={realm} onChange={(event) => go(`/${event.target.value}`)}>
        {realms.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

/** A token is kept in this tab alone, until it is closed. */
function Login(): ReactNode {
  const field = useId();
  const [token, setToken] = useState("");
  if (client.token) {
    return (
      <button type="button" className="small" onClick={() => (client.token = "")}>
        Forget the token
      </button>
    );
  }
  return (
    <form
      className="small"
      onSubmit={(event) => {
        event.preventDefault();
        client.token = token.trim();
      }}
    >
      <label htmlFor={field}>Token</label>{" "}
      <input
        id={field}
        type="password"
        autoComplete="off"
        size={12}
        value={token}
        onChange={(event) => setToken(event.target.value)}
      />{" "}
      <button type="submit">Use</button>
    </form>
  );
}

/** Which release is shown, and a word when another one was published since. */
function Shown(): ReactNode {
  const realm = useRealm();
  const { seen, newer } = useSeen(realm);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible") void client.look(realm);
    };
    const timer = setInterval(look, LOOK_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [realm]);
  return (
    <>
      <p className="shown">
        {seen ? (
          <>
            Realm <b>{realm}</b>, version <b>{seen.version ?? "not stated"}</b>, release{" "}
            <code title={seen.release}>{seen.release.slice(0, 8)}</code>, published {moment(seen.published_at)}
          </>
        ) : (
          <>
            Realm <b>{realm}</b>
          </>
        )}
      </p>
      <div role="status">
        {newer && (
          <div className="notice">
            <p>A new release was published. What you see is still the one before.</p>
            <button type="button" onClick={() => client.forget()}>
              Show the new release
            </button>
          </div>
        )}
      </div>
    </>
  );
}
