// SPDX-License-Identifier: Apache-2.0
import { type PointerEvent, useState } from 'react';
import { formatTick } from '../../lib/format';
import { clampWindow, lengthOf, type TimeWindow } from '../../model/time-window';

interface RulerProps {
  readonly window: TimeWindow;
  readonly total: number;
  readonly setWindow: (window: TimeWindow) => void;
}

const leastDrag = 0.004;

/** Marks at the quarters; dragging zooms, a double click shows everything. */
export function Ruler({ window, total, setWindow }: RulerProps) {
  const [drag, setDrag] = useState<readonly [from: number, to: number] | null>(null);
  const length = lengthOf(window);
  const shareAt = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  };
  const end = () => {
    if (drag && Math.abs(drag[1] - drag[0]) > leastDrag) {
      const [from, to] = drag.toSorted((a, b) => a - b);
      setWindow(clampWindow({ from: window.from + from * length, to: window.from + to * length }, total));
    }
    setDrag(null);
  };
  return (
    <div
      className="ruler"
      role="columnheader"
      aria-label="Time"
      tabIndex={-1}
      data-testid="ruler"
      title="Drag to zoom, double click for all"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([shareAt(event), shareAt(event)]);
      }}
      onPointerMove={(event) => drag && setDrag([drag[0], shareAt(event)])}
      onPointerUp={end}
      onPointerCancel={() => setDrag(null)}
      onDoubleClick={() => setWindow({ from: 0, to: total })}
    >
      {[0, 1, 2, 3].map((quarter) => (
        <span key={quarter} style={{ left: `${quarter * 25}%` }}>
          {formatTick(window.from + (length * quarter) / 4, length / 4, window.to)}
        </span>
      ))}
      {drag && (
        <i
          style={{ left: `${Math.min(...drag) * 100}%`, width: `${Math.abs(drag[1] - drag[0]) * 100}%` }}
          aria-hidden="true"
        />
      )}
    </div>
  );
}
