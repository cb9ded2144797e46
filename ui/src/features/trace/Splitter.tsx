// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { storedNumber, writeStored } from '../../state/prefs';

const drawnWidth = 462;
const narrowest = 140;
const keyStep = 20;

/** The width of the tree: what was set last, but never more than leaves room for the bars. */
export function useTreeWidth(available: number): readonly [width: number, set: (width: number) => void] {
  const [wanted, setWanted] = useState(() => storedNumber('tree-width', drawnWidth, narrowest, 2000));
  const most = Math.max(narrowest, available * 0.52);
  const set = (width: number) => {
    const next = Math.round(Math.min(Math.max(narrowest, width), available * 0.8));
    setWanted(next);
    writeStored('tree-width', String(next));
  };
  return [available === 0 ? wanted : Math.round(Math.min(wanted, most)), set];
}

interface SplitterProps {
  readonly width: number;
  readonly setWidth: (width: number) => void;
}

export function Splitter({ width, setWidth }: SplitterProps) {
  const [drag, setDrag] = useState<{ x: number; width: number } | null>(null);
  return (
    <div
      className="splitter"
      style={{ left: width - 3 }}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the tree"
      aria-valuenow={width}
      aria-valuemin={narrowest}
      aria-valuemax={2000}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ x: event.clientX, width });
      }}
      onPointerMove={(event) => drag && setWidth(drag.width + event.clientX - drag.x)}
      onPointerUp={() => setDrag(null)}
      onPointerCancel={() => setDrag(null)}
      onDoubleClick={() => setWidth(drawnWidth)}
      onKeyDown={(event) => {
        const delta = event.key === 'ArrowLeft' ? -keyStep : event.key === 'ArrowRight' ? keyStep : 0;
        if (delta === 0) return;
        event.preventDefault();
        setWidth(width + delta);
      }}
    />
  );
}
