// SPDX-License-Identifier: Apache-2.0
// A service keeps its colour. Every name has a preferred one of 18 hues; when another service sits there already the next free hue
// is taken, and above 18 services two more steps of lightness follow. The seats are remembered by the browser (state/), so a
// service looks the same on every page and every day.

export const hueCount = 18;
const lightnessSteps = 3;
export const seatCount = hueCount * lightnessSteps;

function preferredSeat(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % hueCount;
}

/** Neighbours in this walk are far apart on the colour circle (7 and 18 have no common divisor). */
const nextHue = (hue: number): number => (hue + 7) % hueCount;

export function assignSeat(name: string, taken: ReadonlySet<number>): number {
  const first = preferredSeat(name);
  // While there is room no two services are neighbours on the circle: 20 degrees apart are hard to tell.
  const isApart = (seat: number) =>
    [seat, (seat + 1) % hueCount, (seat + hueCount - 1) % hueCount].every((near) => !taken.has(near));
  const apart = walk(first).find(isApart);
  if (apart !== undefined) return apart;
  for (let step = 0; step < lightnessSteps; step++) {
    const free = walk(first).find((hue) => !taken.has(step * hueCount + hue));
    if (free !== undefined) return step * hueCount + free;
  }
  return first;
}

function walk(first: number): number[] {
  const hues = [first];
  while (hues.length < hueCount) hues.push(nextHue(hues[hues.length - 1]));
  return hues;
}

/** @param l, c the theme's lightness and chroma of service colours */
export function colorOfSeat(seat: number, l: number, c: number): string {
  const hue = ((seat % hueCount) * 360) / hueCount + 15;
  const lightness = l + [0, -0.1, 0.1][Math.floor(seat / hueCount)];
  return `oklch(${lightness.toFixed(3)} ${c} ${hue.toFixed(1)})`;
}
