// SPDX-License-Identifier: Apache-2.0
// Which service sits on which colour, remembered by the browser.
import { assignSeat, colorOfSeat, hueCount } from '../model/service-colors';
import { readStored, writeStored } from './prefs';

const mostRemembered = 1000;
const seats = new Map<string, number>(readSeats());
let saving: ReturnType<typeof setTimeout> | undefined;

function readSeats(): [string, number][] {
  try {
    const stored: unknown = JSON.parse(readStored('service-seats') ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.filter(
      (entry): entry is [string, number] =>
        typeof entry?.[0] === 'string' && Number.isInteger(entry?.[1]) && entry[1] >= 0,
    );
  } catch {
    return [];
  }
}

function seatOf(name: string): number {
  let seat = seats.get(name);
  if (seat === undefined) {
    seat = assignSeat(name, new Set(seats.values()));
    if (seats.size < mostRemembered) seats.set(name, seat);
    clearTimeout(saving);
    saving = setTimeout(() => writeStored('service-seats', JSON.stringify([...seats])), 300);
  }
  return seat;
}

/** For style attributes: follows the theme by itself. */
export function serviceCssColor(name: string): string {
  const seat = seatOf(name);
  const step = [0, -0.1, 0.1][Math.floor(seat / hueCount)] ?? 0;
  const hue = (((seat % hueCount) * 360) / hueCount + 15).toFixed(1);
  return `oklch(calc(var(--service-l) + ${step}) var(--service-c) ${hue})`;
}

/** For canvases, which know no variables. */
export function servicePaint(name: string, lightness: number, chroma: number): string {
  return colorOfSeat(seatOf(name), lightness, chroma);
}
