// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';
import { isTyping } from '../../lib/keys';

export interface TimelineActions {
  move(step: number): void;
  /** To the first row, or with true to the last. */
  edge(end: boolean): void;
  fold(): void;
  unfold(): void;
  open(): void;
  close(): void;
  critical(): void;
  group(): void;
  find(): void;
  match(step: number): void;
  zoom(): void;
  whole(): void;
}

const pageOfRows = 20;

const bindings: Readonly<Record<string, (actions: TimelineActions) => void>> = {
  j: (to) => to.move(1),
  k: (to) => to.move(-1),
  ArrowDown: (to) => to.move(1),
  ArrowUp: (to) => to.move(-1),
  PageDown: (to) => to.move(pageOfRows),
  PageUp: (to) => to.move(-pageOfRows),
  Home: (to) => to.edge(false),
  End: (to) => to.edge(true),
  ArrowLeft: (to) => to.fold(),
  ArrowRight: (to) => to.unfold(),
  Enter: (to) => to.open(),
  Escape: (to) => to.close(),
  c: (to) => to.critical(),
  g: (to) => to.group(),
  '/': (to) => to.find(),
  n: (to) => to.match(1),
  p: (to) => to.match(-1),
  z: (to) => to.zoom(),
  '0': (to) => to.whole(),
};

/** Letters work wherever the focus is; keys that controls use themselves only where no control has it. */
function belongsToControl(event: KeyboardEvent): boolean {
  if (event.key.length === 1 || event.key === 'Escape') return false;
  const target = event.target as HTMLElement;
  return target !== document.body && !target.closest('[role="treegrid"]');
}

export function useTimelineKeys(actions: TimelineActions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const run = bindings[event.key];
      if (!run || event.defaultPrevented || isTyping(event) || belongsToControl(event)) return;
      event.preventDefault();
      run(latest.current);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
