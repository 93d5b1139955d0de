// Numbers, levels and names as a person reads them. Does not belong here: what a value means (effects/).

const FORMATS = [0, 1, 2, 3, 4].map((digits) => new Intl.NumberFormat("en", { maximumFractionDigits: digits }));

/** Two places behind the point, more where nothing would be left of a small number. */
export function number(value: number): string {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 0.1 ? 2 : 4;
  return (FORMATS[digits] as Intl.NumberFormat).format(value);
}

export function signed(value: number): string {
  return value > 0 ? `+${number(value)}` : number(value);
}

/** A fraction as percent. */
export function percent(fraction: number): string {
  return `${number(fraction * 100)} %`;
}

export function seconds(value: number): string {
  return `${number(value)} s`;
}

/** A level of the item files, which count from 0; null where there is none. */
export function shownLevel(zeroBased: number | null): number | null {
  return zeroBased === null || zeroBased < 0 ? null : zeroBased + 1;
}

/** "levels 10 to 50" of the item files' levels. */
export function levels(least: number | null, most: number | null): string {
  const [from, to] = [shownLevel(least), shownLevel(most)];
  if (from === null && to === null) return "any level";
  if (from === null || to === null || from === to) return `level ${from ?? to}`;
  return `levels ${from} to ${to}`;
}

/** Identifiers such as SpeedRunning, Auto_ or DeadOrAliveFoe as words. */
export function words(name: string): string {
  const spaced = name
    .replace(/_+/g, " ")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .trim();
  return spaced.replace(/(^| )([A-Z])(?=[a-z])/g, (_, before: string, letter: string) => before + letter.toLowerCase());
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "a, b and c". */
export function series(items: string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** The day alone of a moment, as its own time zone (UTC) has it. */
export function day(moment: string | null): string {
  if (!moment) return "no date";
  const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
  return format.format(new Date(moment));
}

export function moment(text: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));
}
