// An effect as a sentence: what, how much, to whom, how long, how likely, under which conditions.
// Does not belong here: amounts (value.ts), names (naming.ts).

import { Fragment, type ReactNode } from "react";
import { capital, number, percent, seconds, signed, words } from "../format";
import { To } from "../links";
import type { Power, PowerEffect, PowerEffectCondition } from "../model";
import type { Alike } from "./alike";
import { attribute, damageTypes, modified, specialCase, statusEffects, WHOM } from "./naming";
import { type Amount, amountOf, type Effect, formulasOf, isPercent, type ModifierTables } from "./value";

export type Of = Pick<Power, "power_type" | "activate_period">;

const FOR_GOOD = 9_999;

export function Sentence(props: {
  effects: Alike;
  tables: ModifierTables;
  conditions?: PowerEffectCondition[];
  /** Whose effects they are, where that is a power. */
  of?: Of | undefined;
  /** Left out where a heading says it. */
  whom?: boolean;
}): ReactNode {
  const [effect] = props.effects;
  const amount = amountOf(effect, props.tables);
  const parts: ReactNode[] = [
    <>
      {what(props.effects, amount)}
      {(props.whom ?? true) && effect.to_who && effect.to_who !== "Unspecified" ? ` ${WHOM[effect.to_who]}` : ""}
    </>,
    ...lasting(effect, amount, props.of),
    ...chance(effect),
    ...conditions(effect, props.conditions ?? []),
    ...formulasOf(effect).map(([of, formula]) => (
      <>
        the {of} is given by a formula that is not computed here: <code>{formula}</code>
      </>
    )),
  ];
  return parts.map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence never move.
    <Fragment key={place}>
      {place > 0 && ", "}
      {part}
    </Fragment>
  ));
}

function what(effects: Alike, amount: Amount): ReactNode {
  const [effect] = effects;
  const plain = strength(effect, amount, number);
  const change = strength(effect, amount, signed);
  switch (effect.effect_type) {
    case "Damage":
      return `${capital(`${damageTypes(effects)} damage`.trim())} ${plain}`;
    case "Heal":
      return effect.aspect === "Cur"
        ? `Heals ${amount.strength === null ? plain : percent(amount.strength)} of hit points`
        : `Heals ${plain} hit points`;
    case "Absorb":
      return `Absorbs ${plain}${isPercent(effect) ? " of hit points" : " damage"}`;
    case "Mez":
      return status(effects, amount, plain);
    case "MezResist":
      return `Resistance to ${statusEffects(effects)} ${change}`;
    case "Enhancement":
      return `${capital(modified(effects))} of the powers ${change}`;
    case "ResEffect":
      return `Resistance to changes of ${modified(effects)} ${change}`;
    case "StealthRadius":
    case "StealthRadiusPlayer":
      return `${capital(attribute(effects))} ${change} ft`;
    case "GrantPower":
      return <>Grants {power(effect)}</>;
    case "RevokePower":
      return <>Takes away {power(effect)}</>;
    case "ExecutePower":
      return <>Carries out {power(effect)}</>;
    case "PowerRedirect":
      return (
        <>
          Is replaced by <To kind="power" thing={effect.redirect_power} written={effect.override} />
        </>
      );
    case "EntCreate":
    case "EntCreate_x":
      return (
        <>
          Summons <To kind="summoned_entity" thing={effect.summoned_entity} written={effect.summon} />
        </>
      );
    case "GlobalChanceMod":
      return `Chance of effects with the tag ${effect.reward || effect.effect_id || "of no name"} ${change}`;
    case "ModifyAttrib":
      return modifiedAttribute(effect);
    case "None":
    case null:
      return `An effect without a type, strength ${plain}`;
    default:
      return `${capital(attribute(effects))} ${change}`;
  }
}

/** The strength with its unit; scale and table where the table's value is not known. */
function strength(effect: Effect, { strength }: Amount, format: (value: number) => string): string {
  if (strength !== null) return isPercent(effect) ? `${format(strength * 100)} %` : format(strength);
  if (formulasOf(effect).length > 0 || effect.scale === null) return "of unknown strength";
  const table = effect.attribute_modifier_table ?? effect.modifier_table;
  return `${number(effect.scale * (effect.magnitude ?? 1))} × ${table || "an unnamed table"}`;
}

/** A negative magnitude protects from a status effect. */
function status(effects: Alike, { strength, seconds: time }: Amount, plain: string): string {
  const [effect] = effects;
  const name = statusEffects(effects);
  if (strength !== null && strength < 0) return `Protection from ${name} of magnitude ${number(-strength)}`;
  const lasts =
    effect.attrib_type === "Duration" && time === null
      ? ` ${number(effect.scale ?? 0)} × ${effect.modifier_table} s`
      : "";
  return `${capital(name)} of magnitude ${plain}${lasts && ` for${lasts}`}`;
}

function power(effect: Effect): ReactNode {
  return <To kind="power" thing={effect.granted_power} written={effect.summon} />;
}

const ATTRIBUTES: Record<string, [string, string]> = {
  Accuracy: ["accuracy", ""],
  ActivateInterval: ["activate_period", " s"],
  Arc: ["arc", "°"],
  CastTime: ["cast_time", " s"],
  EffectArea: ["effect_area", ""],
  EnduranceCost: ["endurance_cost", ""],
  InterruptTime: ["interrupt_time", " s"],
  MaxTargets: ["max_targets", ""],
  Radius: ["radius", " ft"],
  Range: ["range", " ft"],
  RechargeTime: ["recharge_time", " s"],
  SecondaryRange: ["secondary_range", " ft"],
};

function modifiedAttribute(effect: Effect): string {
  const [field, unit] = ATTRIBUTES[effect.power_attrib ?? ""] ?? [];
  if (!field) return "Changes an attribute of the power";
  const values = effect as unknown as Record<string, number | string | null>;
  const shown = (value: number | string | null | undefined) =>
    value === null || value === undefined || value === -1
      ? "not stated"
      : `${typeof value === "number" ? number(value) : words(value)}${unit}`;
  const [before, after] = [shown(values[`attrib_original_${field}`]), shown(values[`attrib_modified_${field}`])];
  return `Changes the power's ${words(field)} from ${before} to ${after}`;
}

function* lasting(effect: Effect, { seconds: time }: Amount, of: Of | undefined): Generator<string> {
  const ticks = effect.ticks ?? 0;
  if (ticks > 1) yield time ? `${ticks} ticks in ${seconds(time)}` : `${ticks} ticks`;
  else if (time && isRenewed(time, of)) {
    if (of?.power_type === "Toggle") yield "while it is on";
  } else if (time && time < FOR_GOOD) yield `for ${seconds(time)}`;
  if (effect.delayed_time) yield `after ${seconds(effect.delayed_time)}`;
}

/** Toggles and powers that are always on apply their effects anew, each time for a little longer than the period. */
function isRenewed(time: number, of: Of | undefined): boolean {
  const period = of && of.power_type !== "Click" ? (of.activate_period ?? 0) : 0;
  return period > 0 && time >= period && time <= 2 * period;
}

function* chance(effect: Effect): Generator<string> {
  if (effect.procs_per_minute) {
    yield `about ${number(effect.procs_per_minute)} times a minute`;
    return;
  }
  const likely = effect.base_probability;
  if (likely === null || likely >= 1) return;
  yield `${percent(likely)} chance${effect.effect_id ? `, which the tag ${effect.effect_id} changes` : ""}`;
}

function* conditions(effect: Effect, rows: PowerEffectCondition[]): Generator<ReactNode> {
  if (effect.special_case && effect.special_case !== "None") yield specialCase(effect.special_case);
  if (effect.class_name)
    yield (
      <>
        only for <To kind="archetype" thing={effect.archetype} written={effect.class_name} />
      </>
    );
  if ((effect as PowerEffect).resistible === false && effect.effect_type === "Damage") yield "cannot be resisted";
  for (const row of rows) yield condition(row);
  // An enhancement's effect holds its conditions itself, as written.
  const written = "conditionals" in effect ? (effect.conditionals as { key: string; value: string }[] | null) : null;
  for (const { key, value } of written ?? []) yield `if ${key} is ${value}`;
}

function condition(row: PowerEffectCondition): ReactNode {
  const link = row.kind === "Team" ? row.subject : <To kind="power" thing={row.subject_power} written={row.subject} />;
  const or = row.connector === "OR" ? "or " : "";
  const not = row.value === "False" ? " not" : "";
  switch (row.kind) {
    case "Active":
      return (
        <>
          {or}while {link} is{not} active
        </>
      );
    case "Taken":
      return (
        <>
          {or}if {link} is{not} taken
        </>
      );
    case "Stacks":
      return (
        <>
          {or}with stacks of {link} {row.value}
        </>
      );
    case "Team":
      return (
        <>
          {or}with {link} in the team {row.value}
        </>
      );
    default:
      return `${or}if ${row.condition_key} is ${row.value}`;
  }
}
