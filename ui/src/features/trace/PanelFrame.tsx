// SPDX-License-Identifier: Apache-2.0
import { type ReactNode, useState } from 'react';
import { storedNumber, writeStored } from '../../state/prefs';

const drawnWidth = 400;
const narrowest = 280;
const widest = 900;
const keyStep = 20;

/** The right panel; on narrow screens a sheet from below (see the style sheet). */
export function PanelFrame({ children }: { readonly children: ReactNode }) {
  const [width, setWidth] = useState(() => storedNumber('panel-width', drawnWidth, narrowest, widest));
  const [drag, setDrag] = useState<{ x: number; width: number } | null>(null);
  const resize = (next: number) => {
    const bounded = Math.round(Math.min(widest, Math.max(narrowest, next)));
    setWidth(bounded);
    writeStored('panel-width', String(bounded));
  };
  return (
    <aside className="panel-frame" style={{ width }} aria-label="Details of the span">
      <div
        className="panel-edge"
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the details"
        aria-valuenow={width}
        aria-valuemin={narrowest}
        aria-valuemax={widest}
        tabIndex={0}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ x: event.clientX, width });
        }}
        onPointerMove={(event) => drag && resize(drag.width + drag.x - event.clientX)}
        onPointerUp={() => setDrag(null)}
        onPointerCancel={() => setDrag(null)}
        onDoubleClick={() => resize(drawnWidth)}
        onKeyDown={(event) => {
          const delta = event.key === 'ArrowLeft' ? keyStep : event.key === 'ArrowRight' ? -keyStep : 0;
          if (delta === 0) return;
          event.preventDefault();
          resize(width + delta);
        }}
      />
      {children}
    </aside>
  );
}
