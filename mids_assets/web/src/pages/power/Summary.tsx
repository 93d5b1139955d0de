// What a power is, in figures with units.

import type { ReactNode } from "react";
import { number, seconds, series, words } from "../../format";
import type { Power } from "../../model";
import { Facts } from "../../parts/Facts";

const TYPES: Record<string, string> = {
  Click: "click",
  Auto_: "always on",
  Toggle: "toggle",
  Boost: "enhancement",
  Inspiration: "inspiration",
  GlobalBoost: "global bonus",
};

export function Summary({ power }: { power: Power }): ReactNode {
  return (
    <Facts
      facts={[
        {
          name: "Type",
          of: "power.power_type",
          value: power.power_type && (TYPES[power.power_type] ?? words(power.power_type)),
        },
        { name: "Available", of: "power.level_available", value: available(power.level_available) },
        { name: "Target", of: "power.target", value: names(power.target) },
        { name: "Affects", of: "power.entities_affected", value: names(power.entities_affected) },
        { name: "Range", of: "power.range", value: unit(power.range, " ft") },
        { name: "Area", of: "power.effect_area", value: area(power) },
        { name: "Targets at most", of: "power.max_targets", value: power.max_targets || null },
        {
          name: "Recharge",
          of: "power.recharge_time",
          value: power.recharge_time ? seconds(power.recharge_time) : null,
        },
        { name: "Cast", of: "power.cast_time", value: power.cast_time ? seconds(power.cast_time) : null },
        {
          name: "Interruptible",
          of: "power.interrupt_time",
          value: power.interrupt_time ? seconds(power.interrupt_time) : null,
        },
        { name: "Endurance", of: "power.endurance_cost", value: endurance(power) },
        { name: "Accuracy", of: "power.accuracy", value: power.accuracy ? `× ${number(power.accuracy)}` : null },
        {
          name: "Attack",
          of: "power.attack_types",
          value: names((power.attack_types ?? []).map((type) => type.replace(/_Attack$/, ""))),
        },
        { name: "Charges", of: "power.num_charges", value: power.num_charges || null },
      ]}
    />
  );
}

function available(level: number | null): string | null {
  if (level === null) return null;
  return level > 0 ? `from level ${level}` : "granted";
}

function names(all: string[] | null): string {
  return series((all ?? []).map(words));
}

function unit(value: number | null, of: string): string | null {
  return value ? number(value) + of : null;
}

function area(power: Power): string | null {
  const radius = unit(power.radius, " ft");
  switch (power.effect_area) {
    case null:
    case "None":
      return null;
    case "Character":
      return "one target";
    case "Sphere":
      return `sphere${radius ? ` of ${radius} radius` : ""}`;
    case "Cone":
      return `cone${radius ? ` of ${radius}` : ""}${power.arc ? `, ${power.arc}°` : ""}`;
    default:
      return words(power.effect_area) + (radius ? ` of ${radius}` : "");
  }
}

function endurance(power: Power): string | null {
  if (!power.endurance_cost) return null;
  const cost = number(power.endurance_cost);
  // A toggle pays at every turn of its period.
  if (power.power_type === "Toggle" && power.activate_period) return `${cost} every ${seconds(power.activate_period)}`;
  return cost;
}
