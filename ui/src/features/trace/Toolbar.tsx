// SPDX-License-Identifier: Apache-2.0
import { type RefObject, useEffect, useRef, useState } from 'react';
import { formatCount, formatTick } from '../../lib/format';
import { isWhole, lengthOf } from '../../model/time-window';
import type { Trace } from '../../model/trace';
import type { Matches } from './useFind';
import type { TimelineActions } from './useTimelineKeys';
import type { TraceView } from './view-state';

interface ToolbarProps {
  readonly trace: Trace;
  readonly view: TraceView;
  readonly change: (changes: Partial<TraceView>) => void;
  readonly actions: TimelineActions;
  readonly findField: RefObject<HTMLInputElement | null>;
  readonly matches: Matches | null;
  readonly matchAt: number;
}

export function Toolbar({ trace, view, change, actions, findField, matches, matchAt }: ToolbarProps) {
  const { from, to } = view.window;
  const tick = (time: number) => formatTick(time, lengthOf(view.window) / 4, to);
  const [first, unit] = tick(from).split(' ');
  return (
    <div className="tools">
      <FindField view={view} change={change} actions={actions} field={findField} matches={matches} matchAt={matchAt} />
      <Toggle
        pressed={view.critical}
        onClick={actions.critical}
        testId="toggle-critical"
        title="What the trace waited for (c)"
      >
        Critical path
      </Toggle>
      <Toggle
        pressed={view.grouped}
        onClick={actions.group}
        testId="toggle-group"
        title="Equal calls of one parent as one row (g)"
      >
        Group equal siblings
      </Toggle>
      <span className="grow" />
      <span className="faint" data-testid="range">
        {tick(to).endsWith(` ${unit}`) ? first : tick(from)} – {tick(to)}
      </span>
      <button
        type="button"
        className="btn"
        title="Whole trace (0)"
        data-testid="fit"
        disabled={isWhole(view.window, trace.totalDuration)}
        onClick={actions.whole}
      >
        Fit
      </button>
    </div>
  );
}

interface ToggleProps {
  readonly pressed: boolean;
  readonly onClick: () => void;
  readonly title: string;
  readonly testId: string;
  readonly children: string;
}

function Toggle({ pressed, onClick, title, testId, children }: ToggleProps) {
  return (
    <button
      type="button"
      className="btn toggle"
      aria-pressed={pressed}
      title={title}
      data-testid={testId}
      onClick={onClick}
    >
      <span className="box" aria-hidden="true">
        {pressed ? '✓' : ''}
      </span>
      {children}
    </button>
  );
}

interface FindFieldProps {
  readonly view: TraceView;
  readonly change: (changes: Partial<TraceView>) => void;
  readonly actions: TimelineActions;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly matches: Matches | null;
  readonly matchAt: number;
}

const typingPauseMs = 150;

function FindField({ view, change, actions, field, matches, matchAt }: FindFieldProps) {
  const [typed, setTyped] = useState(view.find);
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(pause.current), []);
  const type = (text: string) => {
    setTyped(text);
    clearTimeout(pause.current);
    pause.current = setTimeout(() => change({ find: text.trim() }), typingPauseMs);
  };
  const count = matches?.spans.length ?? 0;
  return (
    <div className="find">
      <input
        ref={field}
        type="search"
        value={typed}
        placeholder="Find in trace"
        aria-label="Find in trace: words of names, queries, attributes, or key=value"
        title="Words of names, queries, attributes, events; or key=value"
        data-testid="find"
        spellCheck={false}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            actions.match(event.shiftKey ? -1 : 1);
          } else if (event.key === 'Escape') {
            event.preventDefault();
            type('');
            event.currentTarget.blur();
          }
        }}
      />
      {view.find !== '' && matches ? (
        <span className="faint find-count" role="status" data-testid="find-count">
          {count === 0
            ? 'none'
            : matchAt >= 0
              ? `${formatCount(matchAt + 1)} of ${formatCount(count)}`
              : formatCount(count)}
        </span>
      ) : (
        <kbd>/</kbd>
      )}
    </div>
  );
}
