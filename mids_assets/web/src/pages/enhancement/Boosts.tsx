// What an enhancement boosts, and how much: the strength of its grade (an invention's: at its level) in the effect's
// schedule, times the effect's multiplier. Superior ones are stronger by a rule that the files do not state.

import type { ReactNode } from "react";
import { useAnswer } from "../../api/hooks";
import { number, percent, shownLevel, words } from "../../format";
import { useRealm } from "../../links";
import type { EnhancementEffect, EnhancementStrength, WholeEnhancement } from "../../model";
import { Waiting } from "../../parts/Waiting";

const GRADES: Record<string, string[]> = {
  Normal: ["training", "dual", "single"],
  InventO: ["invention"],
  SetO: ["invention"],
};

const WHEN: Record<string, string> = {
  training: "as training",
  dual: "as dual origin",
  single: "as single origin",
};

export function Boosts({ of, effects }: { of: WholeEnhancement; effects: EnhancementEffect[] }): ReactNode {
  const strengths = useAnswer<EnhancementStrength[]>(useRealm(), "/reference/enhancement_strength");
  return (
    <section>
      <h2>What it boosts</h2>
      <Waiting for={strengths} what="the strengths">
        {(table) => (
          <ul>
            {effects.map((effect) => (
              <li key={effect.position}>
                {words(effect.enhance_id ?? "an unknown aspect")}: {said(of, effect, table)}
              </li>
            ))}
          </ul>
        )}
      </Waiting>
    </section>
  );
}

function said(of: WholeEnhancement, effect: EnhancementEffect, table: EnhancementStrength[]): string {
  const grades = of.superior ? [] : (GRADES[of.type_id ?? ""] ?? []);
  const rows = grades.flatMap((grade) => {
    const level = grade === "invention" ? of.level_max : -1;
    return table.filter((row) => row.grade === grade && row.level === level && row.schedule === effect.schedule);
  });
  const known = rows.filter((row) => row.value !== null);
  if (known.length === 0) {
    const share = effect.multiplier === null || effect.multiplier === 1 ? "" : ` × ${number(effect.multiplier)}`;
    return `strength of schedule ${effect.schedule ?? "unknown"}${share}`;
  }
  return known.map((row) => amount(row, effect.multiplier ?? 1)).join(", ");
}

function amount(row: EnhancementStrength, multiplier: number): string {
  return `${percent((row.value ?? 0) * multiplier)} ${WHEN[row.grade] ?? `at level ${shownLevel(row.level)}`}`;
}
